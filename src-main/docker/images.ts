/** Images: what is there, and how more come: pulled, built, imported. */
import { Readable } from 'node:stream';
import { fail, ok } from '#shared/base/result.ts';
import type { ImageDigest } from '#shared/model/service-ids.ts';
import type { ContainerEngine, EngineRefusal, EngineResult, ImageFacts, ImageProgress } from '../ports/engine.ts';
import { accepting, deadlines, type EngineCall, type EngineCalls } from './engine-calls.ts';
import { enginePath } from './engine-connection.ts';
import { refusalOfAbort, refusalOfAnswer, refusalOfBreak } from './engine-refusal.ts';
import { imageFacts, imageInspectionSchema, imageListSchema, named } from './image-facts.ts';
import { ProgressReader } from './image-progress.ts';
import { parseReference, registryOf } from './image-reference.ts';
import { atOnceMax, inParallel } from './in-parallel.ts';
import { readJsonLines } from './json-lines.ts';
import { loginHeader, type RegistryLogins } from './registry-logins.ts';

type Images = Pick<
  ContainerEngine,
  'listImages' | 'findImage' | 'pullImage' | 'buildImage' | 'importImage' | 'tagImage' | 'removeImage'
>;

/** A registry may take its time before the first word; a build sends its context before. */
const transferBeginsMs = 600_000;
const never = new AbortController().signal;
/** Of all other reasons a build's own steps are to blame. */
const notOfTheBuild = new Set<EngineRefusal['reason']>([
  'unreachable',
  'timeout',
  'access-denied',
  'disk-full',
  'no-such-image',
  'wrong-architecture',
]);

export function images(calls: EngineCalls, logins: RegistryLogins): Images {
  /** What never changes of an image, by digest. */
  const known = new Map<ImageDigest, ImageFacts>();

  async function findImage(reference: string): Promise<EngineResult<ImageFacts>> {
    const found = await calls.read(
      { path: imagePath(reference, '/json'), doing: `inspect the image ${reference}` },
      imageInspectionSchema,
    );
    return found.ok ? ok(imageFacts(found.value)) : found;
  }

  /** Follows a transfer to its end; answers the image id that it told, if it did. */
  async function transfer(
    call: EngineCall & { readonly signal: AbortSignal },
    onProgress: (progress: ImageProgress) => void,
  ): Promise<EngineResult<string | null>> {
    const opened = await calls.open({ deadlineMs: transferBeginsMs, ...call });
    if (!opened.ok) return opened;
    const reader = new ProgressReader();
    let imageId: string | null = null;
    let failure: string | null = null;
    try {
      for await (const value of readJsonLines(opened.value)) {
        const message = reader.read(value);
        if (message.kind === 'progress') onProgress(message.progress);
        else if (message.kind === 'image') imageId = message.id;
        else if (message.kind === 'error') failure ??= message.detail;
      }
    } catch (error) {
      if (call.signal.aborted) return fail(refusalOfAbort(call.doing));
      if (!(error instanceof Error)) throw error;
      return fail(refusalOfBreak('an image', error));
    }
    return failure === null ? ok(imageId) : fail(refusalOfAnswer(500, failure, call.doing));
  }

  return {
    findImage,

    async listImages() {
      const listed = await calls.read({ path: '/images/json', doing: 'list images' }, imageListSchema);
      if (!listed.ok) return listed;
      const strangers = listed.value.filter(({ Id }) => !known.has(Id));
      const inspected = await inParallel(strangers, atOnceMax, ({ Id }) => findImage(Id));
      const failed = inspected.find((one) => !one.ok && one.error.reason !== 'no-such-image');
      if (failed && !failed.ok) return failed;
      for (const one of inspected) if (one.ok) known.set(one.value.digest, one.value);
      const there = new Set(listed.value.map(({ Id }) => Id));
      for (const digest of known.keys()) if (!there.has(digest)) known.delete(digest);
      return ok(
        listed.value.flatMap(({ Id, RepoTags, RepoDigests, Size }) => {
          const facts = known.get(Id);
          return facts === undefined
            ? []
            : [{ ...facts, tags: named(RepoTags), repoDigests: named(RepoDigests), sizeBytes: Size }];
        }),
      );
    },

    async pullImage(reference, onProgress, signal) {
      const { name, tag, digest } = parseReference(reference);
      const login = await logins.find(registryOf(name));
      const pulled = await transfer(
        {
          method: 'POST',
          path: '/images/create',
          query: { fromImage: digest === null ? name : `${name}@${digest}`, ...(tag === null ? {} : { tag }) },
          ...(login === null ? {} : { headers: { 'X-Registry-Auth': loginHeader(login) } }),
          signal,
          doing: `pull the image ${reference}`,
        },
        onProgress,
      );
      return pulled.ok ? findImage(reference) : pulled;
    },

    async buildImage({ context, dockerfile, target, args, tag, labels }, onProgress, signal) {
      const allLogins = await logins.all();
      const built = await transfer(
        {
          method: 'POST',
          path: '/build',
          // Docker's API has arguments and labels of builds only here; secrets do not belong into either.
          query: {
            version: 1,
            t: tag,
            dockerfile,
            rm: true,
            forcerm: true,
            buildargs: JSON.stringify(args),
            labels: JSON.stringify(labels),
            ...(target === null ? {} : { target }),
          },
          headers: { 'X-Registry-Config': loginHeader(allLogins) },
          upload: Readable.from(context, { objectMode: false }),
          signal,
          doing: `build the image ${tag}`,
        },
        onProgress,
      );
      if (built.ok) return findImage(built.value ?? tag);
      const { error } = built;
      if (signal.aborted || notOfTheBuild.has(error.reason)) return built;
      return fail({ ...error, reason: 'build-failed', message: `The build of ${tag} failed: ${error.detail.trim()}` });
    },

    async importImage(root, { tag, changes }) {
      const { name, tag: version } = parseReference(tag);
      const imported = await transfer(
        {
          method: 'POST',
          path: '/images/create',
          query: { fromSrc: '-', repo: name, ...(version === null ? {} : { tag: version }), changes },
          upload: Readable.from(root, { objectMode: false }),
          signal: never,
          doing: `import the image ${tag}`,
        },
        () => {},
      );
      return imported.ok ? findImage(tag) : imported;
    },

    async tagImage(reference, tag) {
      const { name, tag: version } = parseReference(tag);
      return calls.order({
        method: 'POST',
        path: imagePath(reference, '/tag'),
        query: { repo: name, ...(version === null ? {} : { tag: version }) },
        doing: `tag the image ${reference}`,
      });
    },

    removeImage: async (reference) =>
      accepting(
        await calls.order({
          method: 'DELETE',
          path: imagePath(reference, ''),
          deadlineMs: deadlines.createMs,
          doing: `remove the image ${reference}`,
        }),
        ({ reason }) => reason === 'no-such-image',
      ),
  };
}

/** Names of images have slashes, which stay. */
function imagePath(reference: string, rest: string): string {
  return `/images/${reference
    .split('/')
    .map((part) => enginePath`${part}`)
    .join('/')}${rest}`;
}
