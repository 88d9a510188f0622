/**
 * A disk that forgets what was not synced. A write is atomic, and either in the cache,
 * where reads see it, or durable. A crash leaves what is durable and, by chance, the write
 * that was under way.
 */
import type { SnapshotMeta } from '../../raft/core/message.ts';
import type { StateImage } from './register-state.ts';
import { type LogWrite, StoredLog } from './stored-log.ts';

/** See the file's comment. The state has a file of its own, which is synced less often than the log. */
export class SimulatedDisk {
  #cached: StoredLog;
  readonly #durable: StoredLog;
  #unsynced: LogWrite[] = [];
  /** The state as it survives a crash. */
  state: StateImage;
  /** Snapshots by index, newest last: what can be sent. */
  readonly snapshots = new Map<number, StateImage>();

  constructor(state: StateImage) {
    this.#cached = new StoredLog(state.confState);
    this.#durable = new StoredLog(state.confState);
    this.state = state;
  }

  /** The log as the running node sees it. */
  get log(): StoredLog {
    return this.#cached;
  }

  /** The log as a crash would leave it. */
  get durable(): StoredLog {
    return this.#durable;
  }

  write(write: LogWrite, sync: boolean): void {
    this.#cached.write(write);
    this.#unsynced.push(write);
    if (sync) this.#sync();
  }

  #sync(): void {
    for (const write of this.#unsynced) this.#durable.write(write);
    this.#unsynced = [];
  }

  /** Installs a snapshot that came from elsewhere, with everything written beside it. */
  install(image: StateImage, write: LogWrite): void {
    this.write(write, true);
    this.state = image;
    this.#keepSnapshot(image);
  }

  /** Makes the state durable, takes a snapshot of it, and drops the entries that are `keep` behind it. */
  compact(image: StateImage, keep: number): void {
    this.#sync();
    this.state = image;
    this.#keepSnapshot(image);
    const meta: SnapshotMeta = { index: image.index, term: image.term, confState: image.confState };
    for (const log of [this.#cached, this.#durable]) log.compact(meta, Math.max(0, image.index - keep));
  }

  #keepSnapshot(image: StateImage): void {
    this.snapshots.set(image.index, image);
    for (const index of [...this.snapshots.keys()].slice(0, -3)) this.snapshots.delete(index);
  }

  /** The power goes. `underWay` is the write that just made it, if any did. */
  crash(underWay: LogWrite | null): void {
    if (underWay !== null) this.write(underWay, true);
    this.#unsynced = [];
    this.#cached = this.#durable.clone();
    this.#cached.confState = this.state.confState;
  }
}
