import { expect, test } from 'vitest';
import { lineSpans, ServiceLogLines, serviceLogLinesMax } from './service-log-lines.ts';

const items = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => ({
    containerId: 'c1',
    replica: `api.${at % 2}`,
    stream: 'stdout' as const,
    atMs: from + at,
    timestamp: '',
    text: `line ${from + at}`,
  }));

test('lines are kept in order, and by whom they were written', () => {
  const log = new ServiceLogLines();
  log.append(items(3));
  expect(log.lines.map(({ number, text }) => [number, text])).toEqual([
    [1, 'line 0'],
    [2, 'line 1'],
    [3, 'line 2'],
  ]);
  expect(log.replicas).toEqual(['api.0', 'api.1']);
  expect(log.dropped).toBe(0);
});

test('a log that never ends is bounded, its newest lines stay, and what was dropped is counted', () => {
  const log = new ServiceLogLines();
  const total = serviceLogLinesMax * 2;
  for (let from = 0; from < total; from += 500) log.append(items(500, from));
  expect(log.length).toBeLessThan(serviceLogLinesMax + 5_000);
  expect(log.lines.at(-1)).toMatchObject({ number: total, text: `line ${total - 1}` });
  expect(log.dropped + log.length).toBe(total);
});

test('colours of a line end with it', () => {
  const log = new ServiceLogLines();
  log.append([
    ...items(1).map((item) => ({ ...item, text: '\u001b[31mbad' })),
    ...items(1).map((item) => ({ ...item, text: 'plain' })),
  ]);
  expect(log.lines.map(lineSpans)).toEqual([[{ text: 'bad', look: 'bad' }], [{ text: 'plain', look: null }]]);
});
