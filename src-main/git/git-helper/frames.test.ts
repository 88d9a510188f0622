import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { FrameReader, writeFrame } from './frames.ts';

const frames: readonly [header: unknown, body: Buffer][] = [
  [{ id: 1, text: 'ü → \u{1F600}\n' }, Buffer.from('hello')],
  [{}, Buffer.alloc(0)],
  [{ id: 2 }, Buffer.from([0, 255, 10, 0, 128])],
  [{ id: 3 }, Buffer.alloc(100_000, 'x')],
];

function bytesOf(...written: typeof frames): Buffer {
  const pipe = new PassThrough({ highWaterMark: 1_000_000 });
  for (const [header, body] of written) writeFrame(pipe, header, body);
  return pipe.read() as Buffer;
}

test.each([1, 3, 8, 9, 1_000, 65_536, 1_000_000])(
  'frames come out whole, in order, from pieces of %i bytes',
  (size) => {
    const bytes = bytesOf(...frames);
    const read: [unknown, Buffer][] = [];
    const reader = new FrameReader<unknown>((header, body) => read.push([header, body]));
    for (let start = 0; start < bytes.length; start += size) reader.push(bytes.subarray(start, start + size));
    expect(read.map(([header, body]) => [header, body.toString('hex')])).toEqual(
      frames.map(([header, body]) => [header, body.toString('hex')]),
    );
  },
);

test('a frame is handed out as soon as it is complete, and not before', () => {
  const bytes = bytesOf([{ id: 1 }, Buffer.from('abc')]);
  let count = 0;
  const reader = new FrameReader<unknown>(() => (count += 1));
  reader.push(bytes.subarray(0, -1));
  expect(count).toBe(0);
  reader.push(bytes.subarray(-1));
  expect(count).toBe(1);
});

test('a frame without a body may leave it out', () => {
  const pipe = new PassThrough();
  writeFrame(pipe, { id: 1 }, null);
  const bodies: number[] = [];
  const reader = new FrameReader<unknown>((_header, body) => bodies.push(body.length));
  reader.push(pipe.read() as Buffer);
  expect(bodies).toEqual([0]);
});
