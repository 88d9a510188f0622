import { expect, test } from 'vitest';
import { LogLines, logLinesMax } from './log-lines.ts';

const texts = (log: LogLines): string[] => log.lines.map((line) => line.spans.map((span) => span.text).join(''));

test('lines grow across pieces', () => {
  const log = new LogLines();
  log.append('one\ntw');
  expect(texts(log)).toEqual(['one', 'tw']);
  log.append('o\nthree\n');
  expect(texts(log)).toEqual(['one', 'two', 'three']);
  expect(log.lines.map((line) => line.number)).toEqual([1, 2, 3]);
});

test('keeps the newest and counts what it dropped', () => {
  const log = new LogLines();
  log.append('x\n'.repeat(logLinesMax + 5));
  expect(log.lines.length).toBe(logLinesMax);
  expect(log.dropped).toBe(5);
  expect(log.lines[0]?.number).toBe(6);
});

test('cuts a line that never ends', () => {
  const log = new LogLines();
  log.append('y'.repeat(9_000));
  expect(texts(log).map((text) => text.length)).toEqual([4_000, 4_000, 1_000]);
});
