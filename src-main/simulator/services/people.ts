/** Those who deploy to the simulated world, change their minds, and press every button there is. */
import { assertDefined } from '#shared/base/assert.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import {
  type ImageDigest,
  mainStack,
  type RolloutId,
  serviceIdOf,
  type ServiceId,
  type ServiceName,
} from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import type { Command } from '../../state/command.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { Fate } from './fate.ts';
import { drawFate, drawSpec, type ServiceOptions, type ServiceShape, simulatedSecret } from './service-options.ts';
import type { SimulatedImage } from './simulated-engine.ts';
import type { SimulatedStore } from './simulated-store.ts';

const deeds = ['scale', 'rollBack', 'pause', 'resume', 'promote', 'abort', 'drain', 'secret', 'remove'] as const;

export const simulatedProject = 'simulated' as ProjectId;

/** The id of a simulated service. */
export function simulatedServiceId(name: string): ServiceId {
  return serviceIdOf(simulatedProject, mainStack, name as ServiceName);
}

/** What a version of the simulated secret says. */
export function secretText(version: number): string {
  return `version ${version}`;
}

/** They see what is stored and act on that. */
export class People {
  readonly #random: SeededRandom;
  readonly #options: ServiceOptions;
  readonly #store: SimulatedStore;
  readonly #images: Map<string, SimulatedImage>;
  readonly #nowMs: () => number;
  readonly #note: (what: string) => void;
  #imageCount = 0;
  #rolloutCount = 0;
  #secretVersions = 0;

  constructor(world: {
    readonly random: SeededRandom;
    readonly options: ServiceOptions;
    readonly store: SimulatedStore;
    readonly images: Map<string, SimulatedImage>;
    readonly nowMs: () => number;
    readonly note: (what: string) => void;
  }) {
    this.#random = world.random;
    this.#options = world.options;
    this.#store = world.store;
    this.#images = world.images;
    this.#nowMs = world.nowMs;
    this.#note = world.note;
  }

  /** The project, and the hosts beside this machine's. */
  prepare(hostIds: readonly string[]): void {
    this.#propose({
      kind: 'project.open',
      projectId: simulatedProject,
      path: '/repository',
      name: 'simulated',
      targetBranch: 'main',
      gates: [],
      isDemo: false,
    });
    for (const id of hostIds) {
      if (id !== 'local')
        this.#propose({ kind: 'host.put', host: { id, endpoint: id, labels: {}, availability: 'active' } });
    }
    this.#putSecret();
  }

  /** Somebody does something. */
  act(): void {
    const random = this.#random;
    const shape = random.pick(this.#options.services);
    const service = this.#store.read.service(simulatedServiceId(shape.name));
    if (service === null || random.chance(0.45)) {
      if (service?.state !== 'removing') this.deploy(shape, drawFate(random, this.#options.goodness));
      return;
    }
    const deed = random.pick(deeds);
    const { rolloutId } = service;
    switch (deed) {
      case 'scale':
        this.#scale(service.id, shape);
        break;
      case 'rollBack':
        this.#rollBack(service.id);
        break;
      case 'pause':
        if (rolloutId !== null)
          this.#propose({ kind: 'rollout.pause', rolloutId, because: 'person', detail: 'Paused.' });
        break;
      case 'resume':
        if (rolloutId !== null) this.#propose({ kind: 'rollout.resume', rolloutId });
        break;
      case 'promote':
        if (rolloutId !== null) this.#propose({ kind: 'rollout.promote', rolloutId });
        break;
      case 'abort':
        if (rolloutId !== null) this.#abort(service.id, rolloutId);
        break;
      case 'drain':
        this.#drain();
        break;
      case 'secret':
        this.#putSecret();
        break;
      case 'remove':
        if (random.chance(0.3)) this.#propose({ kind: 'service.remove', serviceId: service.id });
    }
  }

  /** Nobody leaves anything paused, drained, or to be decided. */
  settle(): void {
    for (const service of this.#store.read.services(simulatedProject)) {
      const { rolloutId } = service;
      const rollout = rolloutId === null ? null : this.#store.read.rollout(rolloutId);
      if (rollout === null) continue;
      if (rollout.paused?.because === 'person') this.#propose({ kind: 'rollout.resume', rolloutId: rollout.id });
      const { stage, policy } = rollout;
      if (policy.canarySteps.some(({ holdMs }) => holdMs === null) && stage.name !== 'ended') {
        this.#propose({ kind: 'rollout.promote', rolloutId: rollout.id });
      }
    }
    for (const host of this.#store.read.serviceHosts()) {
      if (host.availability === 'drain') this.#propose({ kind: 'host.put', host: { ...host, availability: 'active' } });
    }
  }

  /**
   * What stands still after a failure, or serves with an image that never will, gets one that works.
   * Answers whether there was anything to be mended.
   */
  mend(): boolean {
    const broken = this.#store.read.services(simulatedProject).filter((service) => {
      if (service.state === 'removing') return false;
      const { id, rolloutId, servingRevision } = service;
      if (rolloutId !== null) return this.#store.read.rollout(rolloutId)?.paused?.because === 'failure';
      const serving = servingRevision === null ? null : this.#store.read.revision(id, servingRevision);
      return serving !== null && this.#isHopeless(serving.spec);
    });
    for (const { name } of broken) {
      const shape = this.#options.services.find((each) => each.name === name);
      this.deploy(assertDefined(shape, 'people deploy what was drawn'), 'good');
      this.settle();
    }
    return broken.length > 0;
  }

  /** Nothing checks it, so that it came to serve although it ends again and again. */
  #isHopeless({ image }: ServiceSpec): boolean {
    return image.kind === 'image' && this.#images.get(image.reference)?.fate === 'exits';
  }

  /** Deploys a new image of this fate. */
  deploy(shape: ServiceShape, fate: Fate, change: Partial<ServiceSpec> = {}): void {
    this.#imageCount += 1;
    const reference = `registry/${shape.name}:${this.#imageCount}`;
    const digest = `sha256:${this.#imageCount.toString(16).padStart(64, '0')}` as ImageDigest;
    this.#images.set(reference, { reference, digest, fate });
    this.#note(`${shape.name} is deployed with an image that is ${fate}`);
    this.#deploySpec({ ...drawSpec(this.#random, shape, reference), ...change });
  }

  #deploySpec(spec: ServiceSpec): void {
    this.#propose({
      kind: 'service.deploy',
      serviceId: simulatedServiceId(spec.name),
      projectId: simulatedProject,
      stack: mainStack,
      name: spec.name,
      spec,
      digest: null,
      commit: null,
      origin: { kind: 'person' },
      rolloutId: this.#newRolloutId(),
      checkpoint: null,
      expectedRevisions: null,
    });
  }

  #scale(serviceId: ServiceId, { kind, replicasMax }: ServiceShape): void {
    const service = this.#store.read.service(serviceId);
    const newest =
      service === null ? null : this.#store.read.revision(serviceId, service.servingRevision ?? service.revisions);
    if (newest === null || kind === 'database' || kind === 'global') return;
    this.#deploySpec({ ...newest.spec, mode: { kind: 'replicated', replicas: this.#random.between(0, replicasMax) } });
  }

  #rollBack(serviceId: ServiceId): void {
    const stable = this.#store.read.revisions(serviceId).filter(({ state }) => state === 'stable');
    if (stable.length === 0) return;
    const toRevision = this.#random.pick(stable).number;
    const rolloutId = this.#newRolloutId();
    this.#propose({
      kind: 'service.rollBack',
      serviceId,
      toRevision,
      origin: { kind: 'person' },
      rolloutId,
      checkpoint: null,
    });
  }

  #abort(serviceId: ServiceId, rolloutId: RolloutId): void {
    const service = this.#store.read.service(serviceId);
    const rollout = this.#store.read.rollout(rolloutId);
    const to = service?.servingRevision ?? null;
    const back =
      to === null || rollout?.kind !== 'deploy' || to === rollout.toRevision
        ? null
        : { rolloutId: this.#newRolloutId(), toRevision: to };
    this.#propose({
      kind: 'rollout.end',
      rolloutId,
      outcome: 'aborted',
      detail: 'Aborted.',
      decisions: [],
      keepPreviousUntilMs: null,
      back,
    });
  }

  #drain(): void {
    const host = this.#random.pick(this.#store.read.serviceHosts());
    const availability = this.#random.chance(0.5) ? 'drain' : 'active';
    this.#propose({ kind: 'host.put', host: { ...host, availability } });
  }

  #putSecret(): void {
    this.#secretVersions += 1;
    const ciphertext = Buffer.from(secretText(this.#secretVersions)).toString('base64');
    this.#propose({
      kind: 'secret.put',
      projectId: simulatedProject,
      name: simulatedSecret,
      sealed: { keyId: 'simulated', wrappedKey: '', iv: '', tag: '', ciphertext },
      sizeBytes: ciphertext.length,
    });
  }

  #newRolloutId(): RolloutId {
    this.#rolloutCount += 1;
    return `rollout-p${String(this.#rolloutCount).padStart(8, '0')}` as RolloutId;
  }

  /** Texts stand for branded ids: what is wrong with a command the state machine says. */
  #propose(command: { readonly kind: Command['kind'] } & Record<string, unknown>): void {
    const stamped: unknown = { ...command, atMs: this.#nowMs() };
    const outcome = this.#store.commit(stamped as Command);
    this.#note(`a person: ${command.kind}${outcome.ok ? '' : ', refused'}`);
  }
}
