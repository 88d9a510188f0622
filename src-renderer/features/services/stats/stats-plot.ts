import type { ContainerHistory } from '#shared/contract/service-views.ts';
import { size } from '../../../app/text.ts';

/** One quantity of a container over time. */
export type StatKey = 'cpuPercent' | 'memoryBytes' | 'receivedBytesPerSecond' | 'sentBytesPerSecond';

export interface StatPoint {
  readonly atMs: number;
  readonly [series: string]: number | null;
}

/** How much time the charts show: 120 samples, one every two seconds. */
export const statsWindowMs = 240_000;
/** Samples that are no farther apart make one line. */
const bridgedMs = 8_000;

/** Samples of all replicas on one time axis; a replica has null where it was not sampled. At most `pointsMax`. */
export function statPoints(histories: readonly ContainerHistory[], key: StatKey, endMs: number): StatPoint[] {
  const slotMs = 2_000;
  const bySlot = new Map<number, Record<string, number | null>>();
  for (const { containerId, samples } of histories) {
    for (const sample of samples) {
      if (sample.atMs <= endMs - statsWindowMs || sample.atMs > endMs) continue;
      const slot = Math.floor(sample.atMs / slotMs) * slotMs;
      const point = bySlot.get(slot) ?? {};
      point[containerId] = sample[key];
      bySlot.set(slot, point);
    }
  }
  const points = [...bySlot].sort(([a], [b]) => a - b).map(([atMs, values]) => ({ ...values, atMs }));
  for (const { containerId } of histories) bridge(points, containerId);
  return points.slice(-120);
}

/** A sample that came late leaves its place on the axis empty: it is no gap until some are missing in a row. */
function bridge(points: { atMs: number; [series: string]: number | null }[], series: string): void {
  let last = -1;
  points.forEach((point, at) => {
    const value = point[series];
    if (value === undefined || value === null) return;
    const before = points[last];
    if (before !== undefined && point.atMs - before.atMs <= bridgedMs) {
      for (const between of points.slice(last + 1, at)) between[series] = before[series] ?? null;
    }
    last = at;
  });
}

/** Three ticks from 0 to a round number above all values. */
export function statTicks(points: readonly StatPoint[], least: number): readonly number[] {
  let top = least;
  for (const { atMs: _, ...values } of points) {
    for (const value of Object.values(values)) top = Math.max(top, value ?? 0);
  }
  const magnitude = 10 ** Math.floor(Math.log10(top));
  const round = [1, 2, 5, 10].map((step) => step * magnitude).find((each) => each >= top) ?? top;
  return [0, round / 2, round];
}

/** A value of a quantity with its unit. */
export function statText(key: StatKey, value: number): string {
  switch (key) {
    case 'cpuPercent':
      return `${value < 10 ? value.toFixed(1) : Math.round(value)} %`;
    case 'memoryBytes':
      return size(value);
    case 'receivedBytesPerSecond':
    case 'sentBytesPerSecond':
      return `${size(value)}/s`;
  }
}
