/** Raft's messages as bytes: compact, without reflection, the hot path of replication. */
import { z } from 'zod';
import type { ConfState, Entry, Message, MessageOf, MessageType, SnapshotMeta } from '../core/message.ts';
import { kindNumber, kindOf } from '../storage/log-rows.ts';
import { type ByteReader, type ByteWriter, MalformedFrameError } from './byte-writer.ts';

const peersSchema = z.array(z.number().int().positive());
const confStateSchema: z.ZodType<ConfState> = z.object({
  voters: peersSchema,
  votersOutgoing: peersSchema,
  learners: peersSchema,
  learnersNext: peersSchema,
  autoLeave: z.boolean(),
});

/** The number of each type on the wire; never reused. */
const typeNumbers = {
  append: 1,
  'append-response': 2,
  vote: 3,
  'vote-response': 4,
  'pre-vote': 5,
  'pre-vote-response': 6,
  heartbeat: 7,
  'heartbeat-response': 8,
  snapshot: 9,
  'snapshot-status': 10,
  unreachable: 11,
  'timeout-now': 12,
  'transfer-leader': 13,
  propose: 14,
  'read-index': 15,
  'read-index-response': 16,
} as const satisfies Record<MessageType, number>;

const typesByNumber = new Map<number, MessageType>(
  Object.entries(typeNumbers).map(([type, number]) => [number, type as MessageType]),
);

function writeKindAndData(writer: ByteWriter, entry: Pick<Entry, 'kind' | 'data'>): void {
  writer.byte(kindNumber(entry.kind));
  writer.bytes(entry.data);
}

function readKindAndData(reader: ByteReader): Pick<Entry, 'kind' | 'data'> {
  const kind = kindOf(reader.byte());
  if (kind === undefined) throw new MalformedFrameError('an entry of an unknown kind');
  return { kind, data: reader.bytes() };
}

/** Entries follow each other without gaps, so only the first index is written. */
function writeEntries(writer: ByteWriter, entries: readonly Entry[]): void {
  writer.uint32(entries.length);
  for (const entry of entries) {
    writer.integer(entry.term);
    writeKindAndData(writer, entry);
  }
}

function readEntries(reader: ByteReader, firstIndex: number): Entry[] {
  const count = reader.uint32();
  const entries: Entry[] = [];
  for (let at = 0; at < count; at += 1) {
    const term = reader.integer();
    entries.push({ term, index: firstIndex + at, ...readKindAndData(reader) });
  }
  return entries;
}

/** A snapshot's place in the log. */
export function writeSnapshotMeta(writer: ByteWriter, meta: SnapshotMeta): void {
  writer.integer(meta.index);
  writer.integer(meta.term);
  writer.text(JSON.stringify(meta.confState));
}

export function readSnapshotMeta(reader: ByteReader): SnapshotMeta {
  const index = reader.integer();
  const term = reader.integer();
  const confState = confStateSchema.safeParse(parseJson(reader.text()));
  if (!confState.success) throw new MalformedFrameError('a snapshot without a configuration');
  return { index, term, confState: confState.data };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new MalformedFrameError('a configuration that is not JSON');
    throw error;
  }
}

/** Appends one message. */
export function writeMessage(writer: ByteWriter, message: Message): void {
  writer.byte(typeNumbers[message.type]);
  writer.uint32(message.group);
  writer.integer(message.from);
  writer.integer(message.to);
  writer.integer(message.term);
  switch (message.type) {
    case 'append':
      writer.integer(message.prevIndex);
      writer.integer(message.prevTerm);
      writer.integer(message.commit);
      writeEntries(writer, message.entries);
      return;
    case 'append-response':
      writer.integer(message.index);
      writer.byte(Number(message.reject));
      writer.integer(message.hintIndex);
      writer.integer(message.hintTerm);
      return;
    case 'vote':
      writer.integer(message.lastIndex);
      writer.integer(message.lastTerm);
      writer.byte(Number(message.transfer));
      return;
    case 'pre-vote':
      writer.integer(message.lastIndex);
      writer.integer(message.lastTerm);
      return;
    case 'vote-response':
    case 'pre-vote-response':
      writer.byte(Number(message.reject));
      writer.byte(Number(message.committed !== undefined));
      if (message.committed === undefined) return;
      writer.integer(message.committed.index);
      writer.integer(message.committed.term);
      return;
    case 'snapshot-status':
      writer.byte(Number(message.reject));
      return;
    case 'heartbeat':
      writer.integer(message.commit);
      writer.text(message.context);
      return;
    case 'heartbeat-response':
    case 'read-index':
      writer.text(message.context);
      return;
    case 'read-index-response':
      writer.text(message.context);
      writer.integer(message.index);
      return;
    case 'snapshot':
      writeSnapshotMeta(writer, message.meta);
      return;
    case 'transfer-leader':
      writer.integer(message.transferee);
      return;
    case 'propose':
      writer.uint32(message.entries.length);
      for (const entry of message.entries) writeKindAndData(writer, entry);
      return;
    case 'unreachable':
    case 'timeout-now':
      return;
  }
}

function readProposals(reader: ByteReader): MessageOf<'propose'>['entries'] {
  return Array.from({ length: reader.uint32() }, () => readKindAndData(reader));
}

/** Reads one message. Throws `MalformedFrameError`. Data are views on the frame. */
export function readMessage(reader: ByteReader): Message {
  const type = typesByNumber.get(reader.byte());
  const group = reader.uint32();
  const from = reader.integer();
  const to = reader.integer();
  const envelope = { group, from, to, term: reader.integer() };
  switch (type) {
    case 'append': {
      const prevIndex = reader.integer();
      const prevTerm = reader.integer();
      const commit = reader.integer();
      return { type, ...envelope, prevIndex, prevTerm, commit, entries: readEntries(reader, prevIndex + 1) };
    }
    case 'append-response': {
      const index = reader.integer();
      const reject = reader.byte() === 1;
      const hintIndex = reader.integer();
      return { type, ...envelope, index, reject, hintIndex, hintTerm: reader.integer() };
    }
    case 'vote': {
      const lastIndex = reader.integer();
      const lastTerm = reader.integer();
      return { type, ...envelope, lastIndex, lastTerm, transfer: reader.byte() === 1 };
    }
    case 'pre-vote': {
      const lastIndex = reader.integer();
      return { type, ...envelope, lastIndex, lastTerm: reader.integer() };
    }
    case 'vote-response':
    case 'pre-vote-response': {
      const reject = reader.byte() === 1;
      if (reader.byte() === 0) return { type, ...envelope, reject };
      const index = reader.integer();
      return { type, ...envelope, reject, committed: { index, term: reader.integer() } };
    }
    case 'snapshot-status':
      return { type, ...envelope, reject: reader.byte() === 1 };
    case 'heartbeat': {
      const commit = reader.integer();
      return { type, ...envelope, commit, context: reader.text() };
    }
    case 'heartbeat-response':
    case 'read-index':
      return { type, ...envelope, context: reader.text() };
    case 'read-index-response': {
      const context = reader.text();
      return { type, ...envelope, context, index: reader.integer() };
    }
    case 'snapshot':
      return { type, ...envelope, meta: readSnapshotMeta(reader) };
    case 'transfer-leader':
      return { type, ...envelope, transferee: reader.integer() };
    case 'propose':
      return { type, ...envelope, entries: readProposals(reader) };
    case 'unreachable':
    case 'timeout-now':
      return { type, ...envelope };
    case undefined:
      throw new MalformedFrameError('a message of an unknown type');
  }
}
