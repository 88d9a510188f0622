/** Sends a journal to one app as fast as it is read there, and no faster. */
import type { WorkerMessage } from '#shared/contract/worker-protocol.ts';
import type { RunId } from '#shared/model/ids.ts';
import type { Log } from '../ports/log.ts';
import { JournalCursor } from './journal-cursor.ts';

export interface JournalFeedOptions {
  readonly runId: RunId;
  readonly journalPath: string;
  readonly afterSeq: number;
  /** How much of the file may be read now. */
  readonly journalBytes: () => number;
  /** Sends and waits until it was taken; false once there is nobody to send to. */
  readonly send: (message: WorkerMessage) => Promise<boolean>;
  readonly log: Log;
}

export class JournalFeed {
  readonly #options: JournalFeedOptions;
  readonly #cursor: JournalCursor;
  #pumping = false;
  #disposed = false;

  constructor(options: JournalFeedOptions) {
    this.#options = options;
    this.#cursor = new JournalCursor(options.journalPath, options.afterSeq);
  }

  /** Sends what has come since; harmless while it is at it. */
  wake(): void {
    if (this.#pumping || this.#disposed) return;
    this.#pumping = true;
    void this.#pump();
  }

  dispose(): void {
    this.#disposed = true;
    if (!this.#pumping) void this.#cursor.close();
  }

  async #pump(): Promise<void> {
    const { runId, journalBytes, send, log } = this.#options;
    try {
      while (!this.#disposed && this.#cursor.isBehind(journalBytes())) {
        const entries = await this.#cursor.read(journalBytes());
        if (this.#disposed || entries.length === 0) continue;
        if (!(await send({ type: 'entries', runId, entries }))) break;
      }
    } catch (error) {
      // The run may have been forgotten meanwhile; its follower hears no more of it.
      log.warn('a journal cannot be read', { runId, error: String(error) });
      this.#disposed = true;
    }
    // Nothing awaits between the last look at the journal and here: no wake can be missed.
    this.#pumping = false;
    if (this.#disposed) await this.#cursor.close();
  }
}
