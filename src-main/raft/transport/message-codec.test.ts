import { describe, expect, it } from 'vitest';
import type { Message } from '../core/message.ts';
import { decodeFrame, encodeMessages } from '../host/frame.ts';
import { MalformedFrameError } from './byte-writer.ts';
import { FrameReader } from './frame-stream.ts';

const envelope = { group: 1, from: 2, to: 3, term: 4_000_000_000_000 };
const confState = { voters: [1, 2, 3], votersOutgoing: [1], learners: [4], learnersNext: [], autoLeave: true };
const messages: Message[] = [
  {
    ...envelope,
    type: 'append',
    prevIndex: 8,
    prevTerm: 3,
    commit: 7,
    entries: [
      { term: 4, index: 9, kind: 'normal', data: new Uint8Array([1, 2, 3]) },
      { term: 4, index: 10, kind: 'empty', data: new Uint8Array(0) },
      { term: 5, index: 11, kind: 'conf-change', data: new Uint8Array([9]) },
    ],
  },
  { ...envelope, type: 'append-response', index: 5, reject: true, hintIndex: 3, hintTerm: 2 },
  { ...envelope, type: 'vote', lastIndex: 5, lastTerm: 2, transfer: true },
  { ...envelope, type: 'vote-response', reject: false },
  { ...envelope, type: 'pre-vote', lastIndex: 5, lastTerm: 2 },
  { ...envelope, type: 'pre-vote-response', reject: true },
  { ...envelope, type: 'heartbeat', commit: 5, context: 'read-1' },
  { ...envelope, type: 'heartbeat-response', context: '' },
  { ...envelope, type: 'snapshot', meta: { index: 90, term: 3, confState } },
  { ...envelope, type: 'snapshot-status', reject: true },
  { ...envelope, type: 'unreachable' },
  { ...envelope, type: 'timeout-now' },
  { ...envelope, type: 'transfer-leader', transferee: 3 },
  { ...envelope, type: 'propose', entries: [{ kind: 'normal', data: new Uint8Array([7]) }] },
  { ...envelope, type: 'read-index', context: 'größe' },
  { ...envelope, type: 'read-index-response', context: 'c', index: 12 },
];

/** Data come back as views of another kind; only their bytes count. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? [...part] : part)));
}

/** `Buffer` has a JSON form of its own, which comes before any replacer. */
function withoutBuffers(list: readonly Message[]): unknown {
  const bare = (entry: { data: Uint8Array }) => ({ ...entry, data: new Uint8Array(entry.data) });
  return plain(
    list.map((message) => ('entries' in message ? { ...message, entries: message.entries.map(bare) } : message)),
  );
}

describe('messages on the wire', () => {
  it.each(messages.map((message) => [message.type, message] as const))('%s comes back as it went', (_, message) => {
    const frame = decodeFrame(encodeMessages([message]), 2);
    expect(frame.kind).toBe('messages');
    if (frame.kind === 'messages') expect(withoutBuffers(frame.messages)).toEqual(withoutBuffers([message]));
  });

  it('travel together in order', () => {
    const frame = decodeFrame(encodeMessages(messages), 2);
    if (frame.kind === 'messages')
      expect(frame.messages.map(({ type }) => type)).toEqual(messages.map(({ type }) => type));
    expect.assertions(1);
  });

  it('are refused when they are cut, garbled, or of somebody else', () => {
    const whole = encodeMessages(messages);
    for (const length of [0, 20, whole.byteLength - 1]) {
      expect(() => decodeFrame(whole.subarray(0, length), 2)).toThrow(MalformedFrameError);
    }
    expect(() => decodeFrame(new Uint8Array([1, 99, ...new Uint8Array(40)]), 2)).toThrow(MalformedFrameError);
    expect(() => decodeFrame(new Uint8Array([77]), 2)).toThrow(MalformedFrameError);
    const configured = Buffer.from(encodeMessages(messages.filter(({ type }) => type === 'snapshot')));
    configured.write('[', configured.indexOf('{'));
    expect(() => decodeFrame(configured, 2)).toThrow(MalformedFrameError);
    expect(() => decodeFrame(whole, 9)).toThrow(/another node/);
  });
});

describe('FrameReader', () => {
  it('finds the same frames however the stream is cut', () => {
    const frames = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(300, 7)];
    const stream = Buffer.concat(
      frames.flatMap((frame) => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(frame.byteLength);
        return [length, frame];
      }),
    );
    for (const piece of [1, 2, 5, 64, stream.byteLength]) {
      const reader = new FrameReader(1_000);
      const found: Buffer[] = [];
      for (let at = 0; at < stream.byteLength; at += piece) found.push(...reader.push(stream.subarray(at, at + piece)));
      expect(found.map((frame) => frame.toString('hex'))).toEqual(frames.map((frame) => frame.toString('hex')));
    }
  });

  it('refuses a frame that is too long before it is there', () => {
    expect(() => new FrameReader(10).push(Buffer.from([11, 0, 0, 0]))).toThrow(MalformedFrameError);
  });
});
