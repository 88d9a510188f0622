/** What one node's host sends to another's: messages, chunks of a snapshot, and how far those came. */
import type { Message, MessageOf, PeerId } from '../core/message.ts';
import { ByteReader, ByteWriter, MalformedFrameError } from '../transport/byte-writer.ts';
import { readMessage, writeMessage } from '../transport/message-codec.ts';

/** A piece of a snapshot file. Each carries the message it belongs to, so that none has to come first. */
export interface SnapshotChunk {
  /** Unique per sender and attempt. */
  readonly stream: number;
  readonly message: MessageOf<'snapshot'>;
  readonly sizeBytes: number;
  /** CRC32 of the whole file. */
  readonly checksum: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The receiver has everything before `offset`; null: it gave up. */
export interface SnapshotProgress {
  readonly stream: number;
  readonly offset: number | null;
}

export type Frame =
  | { readonly kind: 'messages'; readonly messages: readonly Message[] }
  | { readonly kind: 'chunk'; readonly chunk: SnapshotChunk }
  | { readonly kind: 'progress'; readonly progress: SnapshotProgress };

const kindNumbers = { messages: 1, chunk: 2, progress: 3 } as const;
const writer = new ByteWriter();

/** Messages to one peer, in order. */
export function encodeMessages(messages: readonly Message[]): Uint8Array {
  writer.byte(kindNumbers.messages);
  for (const message of messages) writeMessage(writer, message);
  return writer.take();
}

export function encodeChunk(chunk: SnapshotChunk): Uint8Array {
  writer.byte(kindNumbers.chunk);
  writer.uint32(chunk.stream);
  writeMessage(writer, chunk.message);
  writer.integer(chunk.sizeBytes);
  writer.uint32(chunk.checksum);
  writer.integer(chunk.offset);
  writer.bytes(chunk.bytes);
  return writer.take();
}

export function encodeProgress({ stream, offset }: SnapshotProgress): Uint8Array {
  writer.byte(kindNumbers.progress);
  writer.uint32(stream);
  writer.integer(offset ?? -1);
  return writer.take();
}

/** Throws `MalformedFrameError`, also when a message claims to come from somebody else than `from`. */
export function decodeFrame(bytes: Uint8Array, from: PeerId): Frame {
  const reader = new ByteReader(bytes);
  const kind = reader.byte();
  if (kind === kindNumbers.messages) {
    const messages: Message[] = [];
    while (!reader.done) messages.push(readMessage(reader));
    if (messages.some((message) => message.from !== from)) throw new MalformedFrameError('a message of another node');
    return { kind: 'messages', messages };
  }
  if (kind === kindNumbers.chunk) {
    const stream = reader.uint32();
    const message = readMessage(reader);
    if (message.type !== 'snapshot' || message.from !== from) throw new MalformedFrameError('a chunk of nothing');
    const sizeBytes = reader.integer();
    const checksum = reader.uint32();
    const offset = reader.integer();
    return { kind: 'chunk', chunk: { stream, message, sizeBytes, checksum, offset, bytes: reader.bytes() } };
  }
  if (kind === kindNumbers.progress) {
    const stream = reader.uint32();
    const offset = reader.integer();
    return { kind: 'progress', progress: { stream, offset: offset < 0 ? null : offset } };
  }
  throw new MalformedFrameError(`a frame of unknown kind ${kind}`);
}
