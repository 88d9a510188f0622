/**
 * A node's log and its promises on disk: `log.db`.
 *
 * 1. Hard state and entries are written in one transaction and are durable when `write` returns.
 * 2. What was written is checked when it is read back. A mismatch is never repaired here: a
 *    truncated log could drop what was committed, so the node is fenced (`UntrustedDataError`).
 * 3. After a failed write the store refuses everything else: nobody knows what is on the disk.
 */
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { assert } from '#shared/base/assert.ts';
import type { ConfState, Entry, HardState, PeerId, SnapshotMeta } from '../core/message.ts';
import type { LogReader } from '../core/raw-node-api.ts';
import { assertDurable, openDurableDatabase, preallocateWal } from './durable-database.ts';
import { EntryCache } from './entry-cache.ts';
import {
  type EntryRow,
  entryChecksum,
  kindNumber,
  logSchema,
  type NodeRecord,
  type NodeRow,
  toEntry,
  toNodeRecord,
  toNodeValues,
} from './log-rows.ts';
import { RowInserter } from '../../platform/row-inserter.ts';
import { toStorageError, UntrustedDataError } from './storage-error.ts';
import { TermRuns } from './term-runs.ts';

/** Who the log belongs to. */
export interface LogIdentity {
  readonly group: number;
  readonly peer: PeerId;
}

export interface LogStoreOptions {
  readonly folder: string;
  readonly identity: LogIdentity;
  /** The node had a log before: an absent one is a loss, not a beginning. */
  readonly mustExist: boolean;
  /** Bound of the entries kept in memory. */
  readonly cacheBytesMax?: number;
}

/** How many rows a compaction deletes in one go, so that it never holds up the node for long. */
const sweepRowsMax = 2_000;
/** The WAL is copied into the main file once about this much was written to it. */
const walBytesMax = 4 * 1024 * 1024;
/** Bytes that SQLite adds to a row and to a transaction, roughly. */
const rowOverheadBytes = 40;
const transactionOverheadBytes = 3 * 4_096;

/** See the file's comment. */
export class LogStore implements LogReader {
  readonly #database: Database.Database;
  readonly #path: string;
  readonly #cache: EntryCache;
  readonly #statements: ReturnType<typeof prepare>;
  #record: NodeRecord;
  #terms: TermRuns;
  #confState: ConfState = emptyConfState;
  #hardStateUnwritten = false;
  #sweptTo: number;
  #walBytes = 0;
  #failure: Error | null = null;
  #dataBytes = 0;
  #snapshotWanted = false;
  /** Called right before each sync: the slow-disk drill waits here. */
  beforeSync: () => void = () => undefined;

  /** Throws `UntrustedDataError` or `DiskError`. */
  constructor(options: LogStoreOptions) {
    this.#path = join(options.folder, 'log.db');
    this.#cache = new EntryCache(options.cacheBytesMax ?? 8 * 1024 * 1024);
    this.#database = openDurableDatabase(this.#path, options.mustExist);
    try {
      this.#database.exec(logSchema);
      this.#statements = prepare(this.#database);
      this.#record = this.#loadRecord(options);
      this.#terms = new TermRuns(this.#record.baseIndex, this.#record.baseTerm);
      this.#sweptTo = this.#record.baseIndex;
      this.#loadEntries();
      preallocateWal(this.#database, walBytesMax);
      assertDurable(this.#database);
    } catch (error) {
      this.#database.close();
      throw toStorageError(error, this.#path);
    }
  }

  #loadRecord({ identity, mustExist }: LogStoreOptions): NodeRecord {
    const row = this.#statements.readNode.get() as NodeRow | undefined;
    if (row) {
      const record = toNodeRecord(row);
      if (record.group !== identity.group || record.peer !== identity.peer) {
        throw new UntrustedDataError(
          `log.db belongs to node ${record.peer} of group ${record.group}, not to node ${identity.peer} of group ${identity.group}`,
        );
      }
      return record;
    }
    if (mustExist) throw new UntrustedDataError(`${this.#path} is empty`);
    const hardState = { term: 0, vote: 0, commit: 0 };
    const record: NodeRecord = { ...identity, hardState, baseIndex: 0, baseTerm: 0, snapshot: null };
    this.#statements.writeNode.run(...toNodeValues(record));
    return record;
  }

  #loadEntries(): void {
    this.#statements.deleteThrough.run(this.#record.baseIndex);
    for (const row of this.#statements.readAll.iterate() as IterableIterator<EntryRow>) {
      const entry = toEntry(row);
      const expected = this.#terms.lastIndex + 1;
      if (entry.index !== expected) throw new UntrustedDataError(`log entry ${expected} is missing`);
      this.#terms.append(entry.index, entry.term);
      this.#cache.append(entry);
      this.#dataBytes += entry.data.byteLength;
    }
    if (this.#record.hardState.commit > this.#terms.lastIndex) {
      throw new UntrustedDataError(
        `the log ends at ${this.#terms.lastIndex}, but ${this.#record.hardState.commit} was committed`,
      );
    }
  }

  /** Sets the configuration that `initialState` answers: the one that the state machine applied last. */
  useConfState(confState: ConfState): void {
    this.#confState = confState;
  }

  /** The state machine is at `applied`: fences the node when the log cannot have produced that. */
  reconcileApplied(applied: number): void {
    if (applied > this.#terms.lastIndex) {
      throw new UntrustedDataError(`the state is at ${applied}, but the log ends at ${this.#terms.lastIndex}`);
    }
    if (applied < this.#record.baseIndex) {
      throw new UntrustedDataError(
        `the state is at ${applied}, but the log begins after ${this.#record.baseIndex}: what lies between is lost`,
      );
    }
    const { hardState } = this.#record;
    // The commit index is not synced by itself, so the state may know more of it.
    if (applied > hardState.commit) this.#record = { ...this.#record, hardState: { ...hardState, commit: applied } };
  }

  initialState(): { hardState: HardState; confState: ConfState } {
    return { hardState: this.#record.hardState, confState: this.#confState };
  }

  firstIndex(): number {
    return this.#record.baseIndex + 1;
  }

  lastIndex(): number {
    return this.#terms.lastIndex;
  }

  term(index: number): number | null {
    return this.#terms.termAt(index);
  }

  entries(low: number, high: number, bytesMax: number): readonly Entry[] | null {
    if (low <= this.#record.baseIndex) return null;
    assert(high <= this.#terms.lastIndex + 1, `entries up to ${high} asked of a log that ends at ${this.lastIndex()}`);
    const found: Entry[] = [];
    let bytes = 0;
    const cachedFrom = this.#cache.firstIndex() ?? Number.POSITIVE_INFINITY;
    const stored = low < cachedFrom ? this.#stored(low, Math.min(high, cachedFrom)) : [];
    for (const entry of stored) {
      bytes += entry.data.byteLength;
      if (found.length > 0 && bytes > bytesMax) return found;
      found.push(entry);
    }
    // What comes from the disk comes in slices: the rest of it is asked for the next time.
    if (found.length > 0 && low + found.length < Math.min(high, cachedFrom)) return found;
    for (let index = low + found.length; index < high; index += 1) {
      const entry = this.#cache.get(index);
      assert(entry !== undefined, `log entry ${index} is neither in memory nor on disk`);
      bytes += entry.data.byteLength;
      if (found.length > 0 && bytes > bytesMax) return found;
      found.push(entry);
    }
    return found;
  }

  *#stored(low: number, high: number): Iterable<Entry> {
    try {
      for (const row of this.#statements.readRange.all(low, high) as EntryRow[]) yield toEntry(row);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  snapshotMeta(): SnapshotMeta | null {
    const { snapshot, baseIndex } = this.#record;
    if (snapshot && snapshot.index >= baseIndex) return snapshot;
    this.#snapshotWanted = true;
    return null;
  }

  /** Whether the core asked for a snapshot that does not exist; asking resets it. */
  takeSnapshotWanted(): boolean {
    const wanted = this.#snapshotWanted;
    this.#snapshotWanted = false;
    return wanted;
  }

  /** The newest snapshot, also one that is older than the log begins; null when there is none. */
  latestSnapshot(): SnapshotMeta | null {
    return this.#record.snapshot;
  }

  /** Bytes of all entries that are kept. */
  dataBytes(): number {
    return this.#dataBytes;
  }

  /**
   * Appends `entries`, replacing whatever is there from the first one's index on, together with
   * `hardState`. Durable when it returns if `mustSync`. A commit index alone is never worth a
   * write: it is written with the next term or vote, or when the log is closed, and found again
   * from what the state machine applied.
   */
  write(entries: readonly Entry[], hardState: HardState | null, mustSync: boolean): void {
    const promised = hardState !== null && !samePromise(hardState, this.#record.hardState);
    if (hardState) {
      this.#record = { ...this.#record, hardState };
      this.#hardStateUnwritten = true;
    }
    const first = entries[0];
    if (!mustSync && first === undefined) return;
    assert(first === undefined || first.index > this.#record.baseIndex, 'entries below the base are never replaced');
    let bytes = 0;
    this.#transact(() => {
      if (first !== undefined && first.index <= this.#terms.lastIndex) {
        for (let index = first.index; index <= this.#terms.lastIndex; index += 1) {
          this.#dataBytes -= this.#cache.get(index)?.data.byteLength ?? 0;
        }
        this.#statements.deleteFrom.run(first.index);
      }
      const values: (number | Uint8Array)[] = [];
      for (const { index, term, kind, data } of entries) {
        const number = kindNumber(kind);
        values.push(index, term, number, entryChecksum(index, term, number, data), data);
        bytes += data.byteLength + rowOverheadBytes;
      }
      this.#statements.inserter.insert(values);
      if (promised || first === undefined) this.#writeRecord();
    });
    this.#walBytes += bytes;
    for (const entry of entries) {
      this.#terms.append(entry.index, entry.term);
      this.#cache.append(entry);
      this.#dataBytes += entry.data.byteLength;
    }
  }

  /** Begins the log of a new node after `index`, as if everything before had been compacted. */
  begin(place: { index: number; term: number; hardState: HardState }): void {
    assert(this.#terms.lastIndex === 0, 'only an empty log begins');
    this.#restart({ ...this.#record, hardState: place.hardState, baseIndex: place.index, baseTerm: place.term });
  }

  /** Begins the log anew at a snapshot that was received: everything before and after it goes. */
  installSnapshot(meta: SnapshotMeta, hardState: HardState | null): void {
    const kept = hardState ?? this.#record.hardState;
    const raised = { ...kept, commit: Math.max(kept.commit, meta.index) };
    this.#restart({ ...this.#record, hardState: raised, baseIndex: meta.index, baseTerm: meta.term, snapshot: meta });
    this.#confState = meta.confState;
  }

  #restart(record: NodeRecord): void {
    this.#transact(() => {
      this.#statements.deleteFrom.run(0);
      this.#statements.writeNode.run(...toNodeValues(record));
    });
    this.#record = record;
    this.#hardStateUnwritten = false;
    this.#terms = new TermRuns(record.baseIndex, record.baseTerm);
    this.#sweptTo = record.baseIndex;
    this.#cache.clear();
    this.#dataBytes = 0;
  }

  /** The snapshot file at `meta` is on disk; entries up to `compactTo` (at most its index) may go. */
  recordSnapshot(meta: SnapshotMeta, compactTo: number): void {
    const baseIndex = Math.max(this.#record.baseIndex, Math.min(compactTo, meta.index));
    const baseTerm = this.#terms.termAt(baseIndex);
    assert(baseTerm !== null, `no term at ${baseIndex}, to which the log is compacted`);
    const record = { ...this.#record, baseIndex, baseTerm, snapshot: meta };
    this.#transact(() => this.#statements.writeNode.run(...toNodeValues(record)));
    this.#record = record;
    this.#hardStateUnwritten = false;
    this.#terms.compact(baseIndex);
    this.#cache.compact(baseIndex);
  }

  /** Does a slice of the work that can wait: deleting compacted rows, checkpointing. Answers whether more is left. */
  maintain(): boolean {
    if (this.#sweptTo < this.#record.baseIndex) {
      const to = Math.min(this.#record.baseIndex, this.#sweptTo + sweepRowsMax);
      this.#transact(() => {
        const bytes = this.#statements.bytesThrough.pluck().get(to) as number;
        this.#statements.deleteThrough.run(to);
        this.#dataBytes -= bytes;
      });
      this.#sweptTo = to;
      return true;
    }
    if (this.#walBytes > walBytesMax) this.checkpoint();
    return false;
  }

  /** Moves what the WAL holds into the main file. */
  checkpoint(): void {
    this.#guard(() => this.#database.pragma('wal_checkpoint(PASSIVE)'));
    this.#walBytes = 0;
  }

  /** Writes what is not written yet and closes. A failed store is only closed. */
  close(): void {
    if (!this.#database.open) return;
    try {
      if (this.#hardStateUnwritten && this.#failure === null) this.write([], this.#record.hardState, true);
    } finally {
      this.#database.close();
    }
  }

  #writeRecord(): void {
    this.#statements.writeNode.run(...toNodeValues(this.#record));
    this.#hardStateUnwritten = false;
  }

  #transact(work: () => void): void {
    this.#guard(() => {
      this.#statements.begin.run();
      work();
      this.beforeSync();
      this.#statements.commit.run();
      if (this.#walBytes === 0) assertDurable(this.#database);
    });
    this.#walBytes += transactionOverheadBytes;
  }

  #guard(work: () => void): void {
    if (this.#failure) throw this.#failure;
    try {
      work();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Remembers the failure for ever; an open transaction is rolled back when the file is closed. */
  #fail(error: unknown): Error {
    this.#failure ??= toStorageError(error, this.#path);
    return this.#failure;
  }
}

/** Whether two hard states promise the same to others. */
function samePromise(left: HardState, right: HardState): boolean {
  return left.term === right.term && left.vote === right.vote;
}

const emptyConfState: ConfState = {
  voters: [],
  votersOutgoing: [],
  learners: [],
  learnersNext: [],
  autoLeave: false,
};

function prepare(database: Database.Database) {
  return {
    begin: database.prepare('BEGIN IMMEDIATE'),
    commit: database.prepare('COMMIT'),
    readNode: database.prepare('SELECT * FROM node WHERE only = 1'),
    writeNode: database.prepare('INSERT OR REPLACE INTO node VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    readAll: database.prepare('SELECT * FROM entry ORDER BY log_index'),
    readRange: database.prepare(
      'SELECT * FROM entry WHERE log_index >= ? AND log_index < ? ORDER BY log_index LIMIT 4096',
    ),
    inserter: new RowInserter(database, 'INSERT INTO entry', 5),
    deleteFrom: database.prepare('DELETE FROM entry WHERE log_index >= ?'),
    deleteThrough: database.prepare('DELETE FROM entry WHERE log_index <= ?'),
    bytesThrough: database.prepare('SELECT coalesce(sum(length(data)), 0) FROM entry WHERE log_index <= ?'),
  };
}
