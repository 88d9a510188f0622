/** A node's log in memory, as a `LogReader`: what a host has written, without a disk's doubts. */
import { assert, assertDefined } from '#shared/base/assert.ts';
import { type ConfState, type Entry, entryBytes, type HardState, type SnapshotMeta } from '../../raft/core/message.ts';
import type { LogReader } from '../../raft/core/raw-node-api.ts';

/** What a host writes for one `Ready`: all of it or nothing. */
export interface LogWrite {
  readonly hardState: HardState | null;
  readonly entries: readonly Entry[];
  readonly snapshot: SnapshotMeta | null;
}

/** See the file's comment. */
export class StoredLog implements LogReader {
  /** The configuration in force at what the host has applied; read when a node starts. */
  confState: ConfState;
  #hardState: HardState = { term: 0, vote: 0, commit: 0 };
  #snapshot: SnapshotMeta;
  /** Index and term of the last entry that was compacted away. */
  #purged = { index: 0, term: 0 };
  #entries: Entry[] = [];

  /** `bootstrap` is the configuration that every node of the group starts from. */
  constructor(bootstrap: ConfState) {
    this.confState = bootstrap;
    this.#snapshot = { index: 0, term: 0, confState: bootstrap };
  }

  get hardState(): HardState {
    return this.#hardState;
  }

  /** A copy that later writes to this one do not reach. */
  clone(): StoredLog {
    const copy = new StoredLog(this.confState);
    copy.#hardState = this.#hardState;
    copy.#snapshot = this.#snapshot;
    copy.#purged = this.#purged;
    copy.#entries = [...this.#entries];
    return copy;
  }

  write({ hardState, entries, snapshot }: LogWrite): void {
    if (hardState !== null) this.#hardState = hardState;
    if (snapshot !== null) {
      this.#snapshot = snapshot;
      this.#purged = { index: snapshot.index, term: snapshot.term };
      this.#entries = [];
    }
    const first = entries[0];
    if (first === undefined) return;
    assert(first.index > this.#purged.index && first.index <= this.lastIndex() + 1, 'the log has no gaps');
    this.#entries.length = first.index - this.firstIndex();
    this.#entries.push(...entries);
  }

  /** A snapshot of the state at `meta` is durable; entries up to `purgeTo` may go. */
  compact(meta: SnapshotMeta, purgeTo: number): void {
    if (meta.index > this.#snapshot.index) this.#snapshot = meta;
    if (purgeTo <= this.#purged.index) return;
    const term = assertDefined(this.term(purgeTo), 'only what is there is compacted');
    this.#entries = this.#entries.slice(purgeTo - this.#purged.index);
    this.#purged = { index: purgeTo, term };
  }

  initialState(): { hardState: HardState; confState: ConfState } {
    return { hardState: this.#hardState, confState: this.confState };
  }

  firstIndex(): number {
    return this.#purged.index + 1;
  }

  lastIndex(): number {
    return this.#purged.index + this.#entries.length;
  }

  term(index: number): number | null {
    if (index === this.#purged.index) return this.#purged.term;
    return this.#entries[index - this.#purged.index - 1]?.term ?? null;
  }

  entry(index: number): Entry | undefined {
    return this.#entries[index - this.#purged.index - 1];
  }

  entries(low: number, high: number, bytesMax: number): readonly Entry[] | null {
    if (low < this.firstIndex()) return null;
    const from = low - this.firstIndex();
    let sizeBytes = 0;
    let count = 0;
    for (const entry of this.#entries.slice(from, high - this.firstIndex())) {
      sizeBytes += entryBytes(entry);
      if (count > 0 && sizeBytes > bytesMax) break;
      count += 1;
    }
    return this.#entries.slice(from, from + count);
  }

  snapshotMeta(): SnapshotMeta | null {
    return this.#snapshot.index === 0 ? null : this.#snapshot;
  }
}
