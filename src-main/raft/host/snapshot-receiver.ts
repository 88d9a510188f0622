/** Puts the chunks of a snapshot together. Only the newest attempt counts. */
import type { MessageOf, PeerId } from '../core/message.ts';
import type { IncomingSnapshot, SnapshotFolder } from '../storage/snapshot-folder.ts';
import { UntrustedDataError } from '../storage/storage-error.ts';
import { encodeProgress, type SnapshotChunk } from './frame.ts';

interface Incoming {
  readonly from: PeerId;
  readonly stream: number;
  readonly file: IncomingSnapshot;
  offset: number;
}

export interface SnapshotReceiverHooks {
  readonly folder: SnapshotFolder;
  send(to: PeerId, frame: Uint8Array): boolean;
  /** The file is whole and in the folder. */
  received(message: MessageOf<'snapshot'>): void;
}

/** See the file's comment. */
export class SnapshotReceiver {
  readonly #hooks: SnapshotReceiverHooks;
  #incoming: Incoming | null = null;

  constructor(hooks: SnapshotReceiverHooks) {
    this.#hooks = hooks;
  }

  onChunk(from: PeerId, chunk: SnapshotChunk): void {
    const { stream } = chunk;
    if (chunk.offset === 0) this.#begin(from, chunk);
    const incoming = this.#incoming;
    if (!incoming || incoming.from !== from || incoming.stream !== stream || incoming.offset !== chunk.offset) {
      // A chunk went missing, or a newer attempt took over.
      this.#hooks.send(from, encodeProgress({ stream, offset: null }));
      return;
    }
    incoming.file.write(chunk.offset, chunk.bytes);
    incoming.offset += chunk.bytes.byteLength;
    if (incoming.offset < chunk.sizeBytes) {
      this.#hooks.send(from, encodeProgress({ stream, offset: incoming.offset }));
      return;
    }
    this.#incoming = null;
    try {
      incoming.file.finish(chunk.checksum);
    } catch (error) {
      // Garbled on the way: nothing of ours is damaged, the sender tries again.
      if (!(error instanceof UntrustedDataError)) throw error;
      incoming.file.abandon();
      this.#hooks.send(from, encodeProgress({ stream, offset: null }));
      return;
    }
    this.#hooks.received(chunk.message);
    this.#hooks.send(from, encodeProgress({ stream, offset: incoming.offset }));
  }

  /** Drops what came so far. */
  abandon(): void {
    this.#incoming?.file.abandon();
    this.#incoming = null;
  }

  #begin(from: PeerId, chunk: SnapshotChunk): void {
    this.abandon();
    const file = this.#hooks.folder.receive(chunk.message.meta);
    this.#incoming = { from, stream: chunk.stream, file, offset: 0 };
  }
}
