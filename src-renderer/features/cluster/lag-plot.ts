import type { LagSample, LatencySample } from '#shared/model/cluster.ts';

/** The window of the charts, and into how many points its samples are gathered. */
export const windowMs = 600_000;
const points = 120;

/** A logarithmic axis: `top` and `bottom` are powers of ten. */
export interface LogScale {
  readonly top: number;
  readonly bottom: number;
}

/** One scale each for all nodes, so that their charts compare. */
export const entriesScale: LogScale = { top: 4.2, bottom: -1 };
export const timeScale: LogScale = { top: 5, bottom: -0.3 };

/** Where a value stands, in percent from the top. What is off the scale stands at its edge. */
export function logPercent(value: number, { top, bottom }: LogScale): number {
  const power = value <= 0 ? bottom : Math.log10(value);
  const percent = ((top - power) / (top - bottom)) * 100;
  return Math.min(98, Math.max(1, percent));
}

/** A point of a line; null where nothing is known. */
export interface PlotPoint {
  readonly atMs: number;
  readonly value: number | null;
}

/**
 * Gathers samples into at most 120 points of the window that ends at `toMs`; the worst of each
 * stays, and stretches without samples stay empty.
 */
export function gather<Sample extends { readonly atMs: number }>(
  samples: readonly Sample[],
  toMs: number,
  valueOf: (sample: Sample) => number | null,
): PlotPoint[] {
  const stepMs = windowMs / points;
  const fromMs = toMs - windowMs;
  const worst: (number | null)[] = Array.from({ length: points }, () => null);
  for (const sample of samples) {
    const value = valueOf(sample);
    const at = Math.min(points - 1, Math.floor((sample.atMs - fromMs) / stepMs));
    if (value === null || at < 0 || sample.atMs > toMs) continue;
    worst[at] = Math.max(worst[at] ?? value, value);
  }
  return worst.map((value, at) => ({ atMs: fromMs + (at + 1) * stepMs, value }));
}

/** The line through the points, on a drawing of 100 × 100. Gaps stay gaps. */
export function logPath(line: readonly PlotPoint[], scale: LogScale): string {
  const last = Math.max(1, line.length - 1);
  let pen = false;
  let path = '';
  line.forEach(({ value }, at) => {
    if (value === null) {
      pen = false;
      return;
    }
    path += `${pen ? 'L' : 'M'}${round((at / last) * 100)} ${round(logPercent(value, scale))}`;
    pen = true;
  });
  return path;
}

/** A node's two lines, in entries and in milliseconds. */
export function lagPaths(
  samples: readonly LagSample[],
  toMs: number,
): { readonly entries: string; readonly time: string } {
  return {
    entries: logPath(
      gather(samples, toMs, (sample) => sample.entries),
      entriesScale,
    ),
    time: logPath(
      gather(samples, toMs, (sample) => sample.ms),
      timeScale,
    ),
  };
}

/** The newest sample of all, where the charts end; null while there is none. */
export function newestAtMs(lists: readonly (readonly { readonly atMs: number }[])[]): number | null {
  const last = lists.flatMap((list) => list.at(-1)?.atMs ?? []);
  return last.length === 0 ? null : Math.max(...last);
}

/** One point of the latency chart. */
export interface LatencyPoint {
  readonly atMs: number;
  readonly commitP50: number | null;
  readonly commitP99: number | null;
  readonly fsyncP99: number | null;
}

/** The latencies of the window that ends at `toMs`. */
export function latencyPoints(samples: readonly LatencySample[], toMs: number): LatencyPoint[] {
  const p50 = gather(samples, toMs, (sample) => sample.commitP50Ms);
  const p99 = gather(samples, toMs, (sample) => sample.commitP99Ms);
  const fsync = gather(samples, toMs, (sample) => sample.fsyncP99Ms);
  return p50.map(({ atMs, value }, at) => ({
    atMs,
    commitP50: value,
    commitP99: p99[at]?.value ?? null,
    fsyncP99: fsync[at]?.value ?? null,
  }));
}

/** Whether a value stands between two gaps, where no line leads to it or away. */
export function isAlone(
  points: readonly LatencyPoint[],
  key: 'commitP50' | 'commitP99' | 'fsyncP99',
  at: number,
): boolean {
  const value = (index: number): number | null => points[index]?.[key] ?? null;
  return value(at) !== null && value(at - 1) === null && value(at + 1) === null;
}

/** The ticks of a linear axis from 0 in four steps that hold the highest point: 0, 2, 4, 6, 8. */
export function linearTicks(points: readonly LatencyPoint[]): readonly number[] {
  let most = 0;
  for (const { commitP50, commitP99, fsyncP99 } of points)
    most = Math.max(most, commitP50 ?? 0, commitP99 ?? 0, fsyncP99 ?? 0);
  const step = niceStep(most / 4);
  return [0, 1, 2, 3, 4].map((steps) => Number((steps * step).toPrecision(6)));
}

function niceStep(least: number): number {
  let unit = 0.1;
  for (;;) {
    for (const factor of [1, 2, 5]) if (unit * factor >= least) return Number((unit * factor).toPrecision(3));
    unit *= 10;
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
