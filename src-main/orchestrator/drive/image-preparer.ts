/**
 * Brings a revision's image to a host: found, pulled or built once, then pinned by its digest, and
 * kept from other tools' pruning by a tag of Gantry's own. Progress is shown while it lasts.
 */
import type { EngineRefusal, EngineResult, ImageFacts } from '../../ports/engine.ts';
import { fail } from '#shared/base/result.ts';
import type { ImageProgressView } from '#shared/contract/service-views.ts';
import type { Revision, Service } from '#shared/model/service.ts';
import type { ImageDigest } from '#shared/model/service-ids.ts';
import { serviceLabel, stackLabels } from '../../ports/service-labels.ts';
import { proposeOrThrow } from '../../reactor/propose.ts';
import type { ObservedHost } from './host-fleet.ts';
import type { OnImageProgress, ServiceWorld } from './service-world.ts';

/** Lines of a build that are kept for the person. */
const buildLinesMax = 200;

/** The tag under which a revision's image is kept. */
export function keptTag(service: Pick<Service, 'projectId' | 'stack' | 'name'>, revision: number): string {
  return `gantry/${service.projectId}/${service.stack}/${service.name}:r${revision}`;
}

export class ImagePreparer {
  readonly #world: ServiceWorld;
  readonly #onProgress: () => void;
  /** Pulls and builds under way, by service, revision and host. */
  readonly progress = new Map<string, ImageProgressView>();
  /** Architectures of images that were looked at. */
  readonly architectures = new Map<ImageDigest, string>();
  /** The newest output of builds, by service. */
  readonly buildTails = new Map<string, string[]>();

  constructor(world: ServiceWorld, onProgress: () => void) {
    this.#world = world;
    this.#onProgress = onProgress;
  }

  /** Answers the image once it is on the host, fits it and is pinned. */
  async ensure(
    service: Service,
    revision: Revision,
    host: ObservedHost,
    signal: AbortSignal,
  ): Promise<EngineResult<ImageFacts>> {
    const key = `${service.id}@${revision.number} ${host.id}`;
    const report: OnImageProgress = (progress) => {
      const known = this.progress.get(key);
      this.progress.set(key, {
        serviceId: service.id,
        revision: revision.number,
        hostId: host.id,
        phase: progress.phase,
        line: progress.line,
        currentBytes: progress.currentBytes,
        totalBytes: progress.totalBytes,
        startedAtMs: known?.startedAtMs ?? this.#world.clock.nowMs(),
      });
      if (progress.line !== null) {
        const tail = this.buildTails.get(service.id) ?? [];
        tail.push(progress.line);
        if (tail.length > buildLinesMax) tail.splice(0, tail.length - buildLinesMax);
        this.buildTails.set(service.id, tail);
      }
      this.#onProgress();
    };
    try {
      const found = await this.#obtain(service, revision, host, report, signal);
      if (!found.ok) return found;
      const unfit = unfitFor(found.value, host, revision);
      if (unfit !== null) return fail(unfit);
      if (revision.digest === null) {
        await proposeOrThrow(this.#world, {
          kind: 'revision.pin',
          serviceId: service.id,
          number: revision.number,
          digest: found.value.digest,
        });
      }
      const tagged = await host.engine.tagImage(found.value.digest, keptTag(service, revision.number));
      if (!tagged.ok) return tagged;
      host.images.add(found.value.digest);
      this.architectures.set(found.value.digest, found.value.architecture);
      return found;
    } finally {
      if (this.progress.delete(key)) this.#onProgress();
    }
  }

  async #obtain(
    service: Service,
    revision: Revision,
    host: ObservedHost,
    report: OnImageProgress,
    signal: AbortSignal,
  ): Promise<EngineResult<ImageFacts>> {
    const { engine } = host;
    const { image } = revision.spec;
    if (revision.digest !== null) {
      const pinned = await engine.findImage(revision.digest);
      if (pinned.ok || pinned.error.reason !== 'no-such-image') return pinned;
      return this.#fetchAgain(service, revision, revision.digest, host, report, signal);
    }
    if (image.kind === 'build') return this.#build(service, revision, host, report, signal);
    const found = await engine.findImage(image.reference);
    if (found.ok || found.error.reason !== 'no-such-image') return found;
    return pull(host, image.reference, report, signal);
  }

  /** The pinned image is gone from the host: the same content again, or a refusal; never another one. */
  async #fetchAgain(
    service: Service,
    revision: Revision,
    digest: ImageDigest,
    host: ObservedHost,
    report: OnImageProgress,
    signal: AbortSignal,
  ): Promise<EngineResult<ImageFacts>> {
    const { image } = revision.spec;
    const again =
      image.kind === 'build'
        ? await this.#build(service, revision, host, report, signal)
        : await pull(host, image.reference, report, signal);
    if (!again.ok || again.value.digest === digest) return again;
    return fail({
      reason: 'no-such-image',
      message: `Revision ${revision.number} of ${service.name} is pinned to ${digest.slice(7, 19)}, which is no longer on ${host.id}; what can be had now is ${again.value.digest.slice(7, 19)}. Nothing was started. Deploy again to make a new revision of that.`,
      detail: '',
    });
  }

  async #build(
    service: Service,
    revision: Revision,
    host: ObservedHost,
    report: OnImageProgress,
    signal: AbortSignal,
  ): Promise<EngineResult<ImageFacts>> {
    const { image } = revision.spec;
    if (image.kind !== 'build') throw new TypeError('only a build can be built');
    if (revision.commit === null) return fail(noCommit(service, revision));
    report({ phase: 'Reading the build context', line: null, currentBytes: null, totalBytes: null });
    const context = await this.#world.code.archive(service.projectId, revision.commit, image.context);
    if (!context.ok) return fail({ reason: 'build-failed', message: context.error.message, detail: '' });
    this.buildTails.set(service.id, []);
    return host.engine.buildImage(
      {
        context: context.value,
        dockerfile: image.dockerfile,
        target: image.target,
        args: image.args,
        tag: keptTag(service, revision.number),
        labels: {
          ...stackLabels(this.#world.instance, service.projectId, service.stack),
          [serviceLabel.service]: service.id,
        },
      },
      report,
      signal,
    );
  }
}

/** A refusal says of which image, which what the engine or its registry say often does not. */
async function pull(
  { engine }: ObservedHost,
  reference: string,
  report: OnImageProgress,
  signal: AbortSignal,
): Promise<EngineResult<ImageFacts>> {
  const pulled = await engine.pullImage(reference, report, signal);
  if (pulled.ok || pulled.error.message.includes(reference)) return pulled;
  return fail({ ...pulled.error, message: `${reference}: ${pulled.error.message}` });
}

function noCommit(service: Service, revision: Revision): EngineRefusal {
  return {
    reason: 'build-failed',
    message: `Revision ${revision.number} of ${service.name} is built from the repository, but no commit was given for it. Nothing was started. Deploy it from a project with commits.`,
    detail: '',
  };
}

function unfitFor(image: ImageFacts, host: ObservedHost, revision: Revision): EngineRefusal | null {
  const { state } = host.engine;
  if (state.state !== 'ready' || image.architecture === '' || image.architecture === state.architecture) return null;
  return {
    reason: 'wrong-architecture',
    message: `The image of revision ${revision.number} is made for ${image.architecture}; ${host.id} runs ${state.architecture}. Nothing was started. Build or choose one for ${state.architecture}.`,
    detail: '',
  };
}
