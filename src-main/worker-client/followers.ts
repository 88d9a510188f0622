/**
 * Who follows which journal, and how far each has come. The worker sends one stream a run, from
 * where the hindmost is; everyone else skips what they have. An entry is handed out only to
 * those for whom it is the next, so that neither a reconnect nor a stream that was begun anew
 * while its predecessor was still arriving can make a gap or a duplicate.
 */
import { type Disposable, toDisposable } from '#shared/base/disposable.ts';
import type { JournalEntry } from '#shared/model/agent-event.ts';
import type { RunId } from '#shared/model/ids.ts';

interface Follower {
  lastSeq: number;
  readonly listener: (entries: readonly JournalEntry[]) => void;
}

export class Followers {
  readonly #byRun = new Map<RunId, Set<Follower>>();
  readonly #onWanted: (runId: RunId, afterSeq: number) => void;
  readonly #onUnwanted: (runId: RunId) => void;

  /** `onWanted` asks for a run's stream from after an entry, `onUnwanted` says that nobody listens. */
  constructor(onWanted: (runId: RunId, afterSeq: number) => void, onUnwanted: (runId: RunId) => void) {
    this.#onWanted = onWanted;
    this.#onUnwanted = onUnwanted;
  }

  add(runId: RunId, afterSeq: number, listener: Follower['listener']): Disposable {
    const follower: Follower = { lastSeq: afterSeq, listener };
    const others = this.#byRun.get(runId) ?? new Set();
    this.#byRun.set(runId, others.add(follower));
    this.ask(runId);
    return toDisposable(() => {
      others.delete(follower);
      if (others.size > 0 || this.#byRun.get(runId) !== others) return;
      this.#byRun.delete(runId);
      this.#onUnwanted(runId);
    });
  }

  /** Asks for the stream of a run anew, if anybody follows it. */
  ask(runId: RunId): void {
    const followers = this.#byRun.get(runId);
    if (!followers) return;
    this.#onWanted(runId, Math.min(...[...followers].map((follower) => follower.lastSeq)));
  }

  /** Asks for all streams anew, after a reconnect. */
  askAll(): void {
    for (const runId of this.#byRun.keys()) this.ask(runId);
  }

  deliver(runId: RunId, entries: readonly JournalEntry[]): void {
    for (const follower of this.#byRun.get(runId) ?? []) {
      const next = entries.findIndex((entry) => entry.seq === follower.lastSeq + 1);
      if (next < 0) continue;
      const fresh = entries.slice(next);
      follower.lastSeq = fresh.at(-1)?.seq ?? follower.lastSeq;
      follower.listener(fresh);
    }
  }
}
