/**
 * Keeps on the disk of an edge's container what it begins with when it is started anew. An engine
 * takes a quarter of a second and more for a small file while it is busy; traffic is not held up
 * for that: what was asked for last is written behind, and tried again until it is there.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import type { Clock } from '../ports/clock.ts';
import type { ContainerEngine } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';

const retryMs = 1_000;
/** While servers come and go in quick succession, it is written this often. */
const restMs = 1_000;

interface Files {
  readonly containerId: string;
  readonly archive: Uint8Array;
}

export class KeptConfig implements Disposable {
  readonly #tools: { readonly engine: ContainerEngine; readonly clock: Clock; readonly log: Log };
  #wanted: Files | null = null;
  #there: Files | null = null;
  #writing: Promise<void> | null = null;
  #disposed = false;

  constructor(tools: { readonly engine: ContainerEngine; readonly clock: Clock; readonly log: Log }) {
    this.#tools = tools;
  }

  /** Begins to write, unless it is there already. */
  put(files: Files): void {
    this.#wanted = files;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
  }

  /** Somebody else wrote it, or something else in its place. */
  note(files: Files | null): void {
    this.#wanted = files;
    this.#there = files;
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  /** Nothing more is begun. */
  dispose(): void {
    this.#disposed = true;
  }

  async #write(): Promise<void> {
    const { engine, log } = this.#tools;
    for (let failures = 0; !this.#disposed; ) {
      const wanted = this.#wanted;
      if (wanted === null || isSame(wanted, this.#there)) return;
      const put = await engine.putArchive(wanted.containerId, '/', wanted.archive);
      if (put.ok) {
        this.#there = wanted;
        await this.#pause(restMs);
        continue;
      }
      // With the container its disk is gone; the next one gets its files before it starts.
      if (put.error.reason === 'no-such-container') return;
      failures += 1;
      if (failures === 1) log.warn('the configuration of an edge could not be kept', { detail: put.error.detail });
      await this.#pause(retryMs);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#tools.clock.after(ms, resolve));
  }
}

function isSame(a: Files, b: Files | null): boolean {
  return a.containerId === b?.containerId && Buffer.compare(a.archive, b.archive) === 0;
}
