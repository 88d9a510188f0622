import { describe, expect, it } from 'vitest';
import { FrameDecoder } from './frame-decoder.ts';

/** A frame as an engine sends it. */
function frame(stream: 0 | 1 | 2, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload);
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(bytes.byteLength, 4);
  return Buffer.concat([head, bytes]);
}

/** What was decoded, with the parts of each frame joined. */
function decode(chunks: readonly Buffer[]): { stream: string; text: string }[] {
  const decoder = new FrameDecoder();
  const frames: { stream: string; text: string }[] = [];
  for (const chunk of chunks) {
    for (const { stream, bytes, isStart } of decoder.push(chunk)) {
      const last = frames.at(-1);
      if (isStart || last === undefined) frames.push({ stream, text: bytes.toString('latin1') });
      else last.text += bytes.toString('latin1');
    }
  }
  decoder.end();
  return frames;
}

const stream = Buffer.concat([
  frame(1, 'one\n'),
  frame(2, 'oops'),
  frame(1, ''),
  frame(0, 'in'),
  frame(1, 'x'.repeat(300)),
]);
const expected = [
  { stream: 'stdout', text: 'one\n' },
  { stream: 'stderr', text: 'oops' },
  { stream: 'stdout', text: 'in' },
  { stream: 'stdout', text: 'x'.repeat(300) },
];

describe('FrameDecoder', () => {
  it('takes whole streams apart', () => {
    expect(decode([stream])).toEqual(expected);
  });

  it('takes streams apart that are cut in two at any byte', () => {
    for (let at = 1; at < stream.byteLength; at += 1) {
      expect(decode([stream.subarray(0, at), stream.subarray(at)])).toEqual(expected);
    }
  });

  it('takes streams apart that come byte by byte', () => {
    expect(decode([...stream].map((byte) => Buffer.from([byte])))).toEqual(expected);
  });

  it('hands on what it has of a large frame, rather than keep it', () => {
    const decoder = new FrameDecoder();
    const large = frame(1, Buffer.alloc(1_000_000, 7));
    expect(decoder.push(large.subarray(0, 500_000))[0]?.bytes.byteLength).toBe(500_000 - 8);
  });

  it('does not take what a terminal says for frames', () => {
    expect(() => new FrameDecoder().push(Buffer.from('total 12\r\n'))).toThrow('not multiplexed');
  });

  it('notices a stream that breaks off', () => {
    for (const at of [3, 8, 10]) {
      const decoder = new FrameDecoder();
      decoder.push(stream.subarray(0, at));
      expect(() => decoder.end()).toThrow('broke off');
    }
  });
});
