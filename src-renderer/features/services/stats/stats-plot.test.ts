import { expect, test } from 'vitest';
import { statPoints, statText, statTicks, statsWindowMs } from './stats-plot.ts';

const sample = (atMs: number, cpuPercent: number | null) => ({
  atMs,
  cpuPercent,
  memoryBytes: 1,
  receivedBytesPerSecond: null,
  sentBytesPerSecond: null,
});

test('replicas sampled a moment apart share a point; gaps stay gaps', () => {
  const histories = [
    { containerId: 'a', name: 'api.1', samples: [sample(10_000, 1), sample(12_000, null)] },
    { containerId: 'b', name: 'api.2', samples: [sample(10_900, 5)] },
  ];
  expect(statPoints(histories, 'cpuPercent', 20_000)).toEqual([
    { atMs: 10_000, a: 1, b: 5 },
    { atMs: 12_000, a: null },
  ]);
});

test('a sample that came late breaks no line; some that are missing do', () => {
  const histories = [
    { containerId: 'a', name: 'api.1', samples: [2, 4, 6, 8, 10, 12, 14, 16].map((at) => sample(at * 1_000, 1)) },
    { containerId: 'b', name: 'api.2', samples: [sample(2_500, 5), sample(6_100, 7), sample(16_000, 9)] },
  ];
  expect(statPoints(histories, 'cpuPercent', 20_000).map(({ b }) => b)).toEqual([
    5,
    5,
    7,
    undefined,
    undefined,
    undefined,
    undefined,
    9,
  ]);
});

test('only the window is shown, in at most 120 points', () => {
  const samples = Array.from({ length: 400 }, (_, at) => sample(at * 2_000, at));
  const points = statPoints([{ containerId: 'a', name: 'a', samples }], 'cpuPercent', 399 * 2_000);
  expect(points.length).toBeLessThanOrEqual(120);
  expect(points[0]?.atMs).toBeGreaterThan(399 * 2_000 - statsWindowMs);
});

test('ticks end above all values, at a round number', () => {
  expect(statTicks([{ atMs: 1, a: 37, b: null }], 1)).toEqual([0, 25, 50]);
  expect(statTicks([], 10)).toEqual([0, 5, 10]);
});

test('values have their units', () => {
  expect(statText('cpuPercent', 2.34)).toBe('2.3 %');
  expect(statText('memoryBytes', 204_000_000)).toBe('204 MB');
  expect(statText('sentBytesPerSecond', 1_500)).toBe('2 kB/s');
});
