/**
 * Keeps on the disk of an edge's container what it begins with when it is started anew. An engine
 * takes a quarter of a second and more for a small file while it is busy; traffic is not held up
 * for that: what was asked for last is written a moment later, and tried again until it is there.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import type { Clock } from '../ports/clock.ts';
import type { ContainerEngine } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';

const retryMs = 1_000;
/** Servers come and go in quick succession: what they come to is written, once nothing was asked for in so long. */
const quietMs = 2_000;
/** What is there is no older than this, however long the changes go on. */
const behindMsMax = 6_000;

interface Files {
  readonly containerId: string;
  readonly archive: Uint8Array;
}

export class KeptConfig implements Disposable {
  readonly #tools: { readonly engine: ContainerEngine; readonly clock: Clock; readonly log: Log };
  #wanted: Files | null = null;
  #there: Files | null = null;
  #putAtMs = 0;
  #writing: Promise<void> | null = null;
  #endPause: () => void = () => undefined;
  #disposed = false;

  constructor(tools: { readonly engine: ContainerEngine; readonly clock: Clock; readonly log: Log }) {
    this.#tools = tools;
  }

  /** Writes it soon, unless it is there already. */
  put(files: Files): void {
    if (this.#wanted === null || !isSame(files, this.#wanted)) this.#putAtMs = this.#tools.clock.monotonicMs();
    this.#wanted = files;
    if (this.#writing === null && !this.#disposed && !isSame(files, this.#there)) this.#writing = this.#write();
  }

  /** Somebody else wrote it, or something else in its place. */
  note(files: Files | null): void {
    this.#wanted = files;
    this.#there = files;
  }

  /** Nothing is begun until the next `put`. Resolves when nothing is being written. */
  async stop(): Promise<void> {
    this.#wanted = null;
    this.#endPause();
    await this.#writing;
  }

  /** Nothing more is begun. */
  dispose(): void {
    this.#disposed = true;
    this.#endPause();
  }

  async #write(): Promise<void> {
    const { engine, log } = this.#tools;
    let failures = 0;
    do {
      await (failures === 0 ? this.#untilQuiet() : this.#pause(retryMs));
      const wanted = this.#wanted;
      if (wanted === null || this.#disposed) break;
      const put = await engine.putArchive(wanted.containerId, '/', wanted.archive);
      // With the container its disk is gone; the next one gets its files before it starts.
      if (!put.ok && put.error.reason === 'no-such-container') break;
      failures = put.ok ? 0 : failures + 1;
      if (put.ok) this.#there = wanted;
      else if (failures === 1) log.warn('the configuration of an edge could not be kept', { detail: put.error.detail });
    } while (this.#wanted !== null && !isSame(this.#wanted, this.#there));
    this.#writing = null;
  }

  async #untilQuiet(): Promise<void> {
    const { clock } = this.#tools;
    const latestMs = clock.monotonicMs() + behindMsMax;
    for (;;) {
      const leftMs = Math.min(this.#putAtMs + quietMs, latestMs) - clock.monotonicMs();
      if (leftMs <= 0 || this.#wanted === null || this.#disposed) return;
      await this.#pause(leftMs);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#tools.clock.after(ms, resolve);
      this.#endPause = () => {
        timer.dispose();
        resolve();
      };
    });
  }
}

function isSame(a: Files, b: Files | null): boolean {
  return a.containerId === b?.containerId && Buffer.compare(a.archive, b.archive) === 0;
}
