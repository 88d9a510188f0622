/**
 * The image that edges are made of: HAProxy with a shell and a few small programs. It is taken from
 * where it can be had, in this order: the engine itself, HAProxy's own image, this machine's Debian.
 */
import type { Result } from '#shared/base/result.ts';
import { fail, ok } from '#shared/base/result.ts';
import type { Clock } from '../ports/clock.ts';
import type { ContainerEngine, EngineResult } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';
import { debianRoot } from './debian-root.ts';
import { refuse } from './edge-refusal.ts';

/** The name under which it is kept; the number changes when an older one cannot be gone on with. */
export const edgeImage = 'gantry/edge:1';

/** HAProxy's branch with long support, on Alpine for its shell. */
const officialImage = 'docker.io/library/haproxy:2.8-alpine';
/** A registry that has said nothing by then is not asked any longer. */
const firstWordMs = 8_000;
const pullMs = 300_000;

export interface EdgeImageOptions {
  readonly engine: ContainerEngine;
  readonly clock: Clock;
  readonly log: Log;
}

export class EdgeImage {
  readonly #options: EdgeImageOptions;
  #preparing: Promise<EngineResult<{ image: string }>> | null = null;

  constructor(options: EdgeImageOptions) {
    this.#options = options;
  }

  /** See `Edges.prepare`. Whoever asks while it is prepared waits for the same. */
  prepare(onProgress: (line: string) => void): Promise<EngineResult<{ image: string }>> {
    this.#preparing ??= this.#prepare(onProgress).finally(() => {
      this.#preparing = null;
    });
    return this.#preparing;
  }

  async #prepare(onProgress: (line: string) => void): Promise<EngineResult<{ image: string }>> {
    const { engine, log } = this.#options;
    const found = await engine.findImage(edgeImage);
    if (found.ok) return ok({ image: edgeImage });
    if (found.error.reason !== 'no-such-image') return found;
    const pulled = await this.#pull(onProgress);
    if (pulled.ok) return ok({ image: edgeImage });
    onProgress(`${officialImage} cannot be pulled: ${pulled.error}`);
    const built = await this.#build(onProgress);
    if (built.ok) return ok({ image: edgeImage });
    log.warn('no image for edges', { pull: pulled.error, build: built.error });
    return refuse(
      'no-such-image',
      `Gantry needs HAProxy for the addresses of services and could not get it. ` +
        `Pulling ${officialImage} failed: ${pulled.error} Building it failed: ${built.error} ` +
        `Connect the engine to a registry, install the packages haproxy and busybox-static here, or load an image named ${edgeImage}.`,
    );
  }

  async #pull(onProgress: (line: string) => void): Promise<Result<null, string>> {
    const { engine, clock } = this.#options;
    const abort = new AbortController();
    let deadline = clock.after(firstWordMs, () => abort.abort());
    let hasBegun = false;
    const pulled = await engine.pullImage(
      officialImage,
      ({ phase }) => {
        if (hasBegun) return;
        hasBegun = true;
        deadline.dispose();
        deadline = clock.after(pullMs, () => abort.abort());
        onProgress(`${officialImage}: ${phase}`);
      },
      abort.signal,
    );
    deadline.dispose();
    if (!pulled.ok) return fail(pulled.error.message);
    const tagged = await engine.tagImage(officialImage, edgeImage);
    return tagged.ok ? tagged : fail(tagged.error.message);
  }

  async #build(onProgress: (line: string) => void): Promise<Result<null, string>> {
    const { engine } = this.#options;
    const architecture = engine.state.state === 'ready' ? engine.state.architecture : null;
    const root = await debianRoot(architecture, onProgress);
    if (!root.ok) return root;
    onProgress(`${edgeImage} is made from Debian's haproxy`);
    const made = await engine.importImage(once(root.value), {
      tag: edgeImage,
      changes: ['ENV PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin', 'LABEL gantry.managed=true'],
    });
    return made.ok ? ok(null) : fail(made.error.message);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
