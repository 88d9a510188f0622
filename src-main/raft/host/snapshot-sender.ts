/** Sends snapshot files to peers in chunks, a few at a time, so that nothing else has to wait for them. */
import type { MessageOf, PeerId, SnapshotMeta } from '../core/message.ts';
import type { SnapshotFolder } from '../storage/snapshot-folder.ts';
import { encodeChunk, type SnapshotProgress } from './frame.ts';

/** Chunks that may be on their way to one peer. */
const windowChunks = 4;
/** Without an answer for so long, the attempt is over. */
const silenceMsMax = 5_000;

interface Stream {
  readonly id: number;
  readonly message: MessageOf<'snapshot'>;
  readonly sizeBytes: number;
  readonly checksum: number;
  /** Offsets of the chunks that were sent and not acknowledged, oldest first. */
  unacknowledged: number[];
  nextOffset: number;
  heardMs: number;
}

export interface SnapshotSenderHooks {
  readonly folder: SnapshotFolder;
  send(to: PeerId, frame: Uint8Array): boolean;
  /** The attempt is over. */
  finished(to: PeerId, outcome: 'delivered' | 'failed'): void;
}

/** See the file's comment. Times are monotonic milliseconds. */
export class SnapshotSender {
  readonly #hooks: SnapshotSenderHooks;
  readonly #streams = new Map<PeerId, Stream>();
  #lastId = 0;

  constructor(hooks: SnapshotSenderHooks) {
    this.#hooks = hooks;
  }

  /** Snapshots that must not be removed yet. */
  inUse(): SnapshotMeta[] {
    return [...this.#streams.values()].map((stream) => stream.message.meta);
  }

  /** Begins to send the file that `message` names; an earlier attempt for the same peer ends. */
  start(message: MessageOf<'snapshot'>, nowMs: number): void {
    if (!this.#hooks.folder.has(message.meta)) {
      this.#hooks.finished(message.to, 'failed');
      return;
    }
    const { sizeBytes, checksum } = this.#hooks.folder.describe(message.meta);
    this.#lastId += 1;
    const id = this.#lastId;
    const stream = { id, message, sizeBytes, checksum, unacknowledged: [], nextOffset: 0, heardMs: nowMs };
    this.#streams.set(message.to, stream);
    this.#fill(stream);
  }

  /** The peer says how far it is. */
  onProgress(from: PeerId, { stream: id, offset }: SnapshotProgress, nowMs: number): void {
    const stream = this.#streams.get(from);
    if (!stream || stream.id !== id) return;
    stream.heardMs = nowMs;
    if (offset === null) return this.#end(from, 'failed');
    if (offset >= stream.sizeBytes) return this.#end(from, 'delivered');
    stream.unacknowledged = stream.unacknowledged.filter((sent) => sent >= offset);
    this.#fill(stream);
  }

  /** Gives up on peers that say nothing. */
  tick(nowMs: number): void {
    for (const [peer, stream] of this.#streams) {
      if (nowMs - stream.heardMs > silenceMsMax) this.#end(peer, 'failed');
    }
  }

  /** Forgets all attempts: no longer the leader. */
  abandonAll(): void {
    this.#streams.clear();
  }

  #fill(stream: Stream): void {
    const { message, sizeBytes, checksum } = stream;
    while (stream.unacknowledged.length < windowChunks && stream.nextOffset < sizeBytes) {
      const offset = stream.nextOffset;
      const bytes = this.#hooks.folder.readChunk(message.meta, offset);
      const chunk = { stream: stream.id, message, sizeBytes, checksum, offset, bytes };
      if (!this.#hooks.send(message.to, encodeChunk(chunk))) return this.#end(message.to, 'failed');
      stream.unacknowledged.push(offset);
      stream.nextOffset += bytes.byteLength;
    }
  }

  #end(peer: PeerId, outcome: 'delivered' | 'failed'): void {
    this.#streams.delete(peer);
    this.#hooks.finished(peer, outcome);
  }
}
