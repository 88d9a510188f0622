import { describe, expect, it } from 'vitest';
import { FrameDecoder, type FramePart } from './frame-decoder.ts';
import { isLater, LogSplitter, sinceSeconds } from './log-splitter.ts';

const at = (nanoseconds: number): string => `2026-11-21T10:00:00.${String(nanoseconds).padStart(9, '0')}Z`;

function entry(text: string | Buffer, stream: FramePart['stream'] = 'stdout'): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = stream === 'stdout' ? 1 : 2;
  head.writeUInt32BE(bytes.byteLength, 4);
  return Buffer.concat([head, bytes]);
}

function split(chunks: readonly Buffer[]): string[] {
  const decoder = new FrameDecoder();
  const splitter = new LogSplitter();
  const lines = chunks.flatMap((chunk) => splitter.push(decoder.push(chunk)));
  return [...lines, ...splitter.end()].map(({ stream, timestamp, text }) => `${stream} ${timestamp} ${text}`);
}

const log = Buffer.concat([
  entry(`${at(1)} first\n`),
  entry(`${at(2)} \n`),
  entry(`${at(3)} häß—lich\r\n`, 'stderr'),
  entry(`${at(4)} long be`),
  entry(`${at(5)} meanwhile\n`, 'stderr'),
  entry(`${at(6)} ginning\n`),
  entry(`${at(7)} unfinished`),
]);
const expected = [
  `stdout ${at(1)} first`,
  `stdout ${at(2)} `,
  `stderr ${at(3)} häß—lich`,
  `stderr ${at(5)} meanwhile`,
  `stdout ${at(6)} long beginning`,
  `stdout ${at(7)} unfinished`,
];

describe('LogSplitter', () => {
  it('joins entries to lines with their last stamp', () => {
    expect(split([log])).toEqual(expected);
  });

  it('does so wherever the log is cut', () => {
    for (let cut = 1; cut < log.byteLength; cut += 1) {
      expect(split([log.subarray(0, cut), log.subarray(cut)])).toEqual(expected);
    }
    expect(split([...log].map((byte) => Buffer.from([byte])))).toEqual(expected);
  });

  it('reads a terminal’s log, which has no frames', () => {
    const splitter = new LogSplitter();
    const text = Buffer.from(`${at(1)} one\r\n${at(2)} two\r\n`);
    const parts = [...text].map(
      (byte): FramePart => ({ stream: 'stdout', bytes: Buffer.from([byte]), isStart: false }),
    );
    expect(splitter.push(parts).map((line) => `${line.timestamp} ${line.text}`)).toEqual([
      `${at(1)} one`,
      `${at(2)} two`,
    ]);
  });

  it('cuts a line that never ends', () => {
    const splitter = new LogSplitter();
    const piece = 'x'.repeat(16 * 1_024);
    let lines = 0;
    for (let number = 0; number < 40; number += 1) {
      lines += splitter.push([
        { stream: 'stdout', bytes: Buffer.from(`${at(number)} ${piece}`), isStart: true },
      ]).length;
    }
    // 40 pieces of 16 KiB, of which 16 fill a line.
    expect(lines).toBe(2);
    expect(splitter.end()[0]?.text.length).toBe(8 * 16 * 1_024);
  });
});

describe('time stamps', () => {
  it('are compared to the nanosecond, over zones', () => {
    expect(isLater(at(2), at(1))).toBe(true);
    expect(isLater(at(1), at(1))).toBe(false);
    expect(isLater('2026-11-21T12:00:00.000000001+02:00', at(1))).toBe(false);
    expect(isLater('2026-11-21T12:00:00.000000002+02:00', at(1))).toBe(true);
    expect(isLater('2026-11-21T10:00:00.5Z', at(499_999_999))).toBe(true);
  });

  it('become what engines take', () => {
    expect(sinceSeconds('1970-01-01T00:01:00.000000042Z')).toBe('60.000000042');
    expect(sinceSeconds('yesterday')).toBeNull();
  });
});
