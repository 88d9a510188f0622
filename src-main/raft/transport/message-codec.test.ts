import { expect, it } from 'vitest';
import type { Message, MessageBody } from '../core/message.ts';
import { ByteReader, ByteWriter } from './byte-writer.ts';
import { readMessage, writeMessage } from './message-codec.ts';

const confState = { voters: [1, 2, 3], votersOutgoing: [1, 2], learners: [4], learnersNext: [5], autoLeave: true };
const data = Buffer.from([0, 1, 255]);

/** One of each kind, with every optional part once there and once not. */
const bodies: MessageBody[] = [
  { type: 'append', prevIndex: 7, prevTerm: 2, commit: 6, entries: [] },
  {
    type: 'append',
    prevIndex: 0,
    prevTerm: 0,
    commit: 0,
    entries: [
      { term: 1, index: 1, kind: 'empty', data: Buffer.alloc(0) },
      { term: 1, index: 2, kind: 'normal', data },
      { term: 1, index: 3, kind: 'conf-change', data },
    ],
  },
  { type: 'append-response', index: 9, reject: true, hintIndex: 4, hintTerm: 1 },
  { type: 'vote', lastIndex: 5, lastTerm: 2, transfer: true },
  { type: 'vote-response', reject: false },
  { type: 'vote-response', reject: true, committed: { index: 2 ** 40, term: 3 } },
  { type: 'pre-vote', lastIndex: 5, lastTerm: 2 },
  { type: 'pre-vote-response', reject: false },
  { type: 'pre-vote-response', reject: true, committed: { index: 0, term: 0 } },
  { type: 'heartbeat', commit: 12, context: 'read-ü' },
  { type: 'heartbeat-response', context: '' },
  { type: 'snapshot', meta: { index: 9, term: 3, confState } },
  { type: 'snapshot-status', reject: true },
  { type: 'unreachable' },
  { type: 'timeout-now' },
  { type: 'transfer-leader', transferee: 3 },
  { type: 'propose', entries: [{ kind: 'normal', data }] },
  { type: 'read-index', context: 'a' },
  { type: 'read-index-response', context: 'a', index: 4 },
];

it.each(bodies.map((body) => [body.type, body] as const))('a %s message arrives as it was sent', (_type, body) => {
  const message: Message = { group: 1, from: 2, to: 3, term: 2 ** 33, ...body };
  const writer = new ByteWriter();
  writeMessage(writer, message);
  expect(readMessage(new ByteReader(writer.take()))).toEqual(message);
});
