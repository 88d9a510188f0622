/** What a benchmark is, and what it answers. Each lives in `bench/<name>.bench.ts`. */

/** A figure that has to be reached. */
export interface Target {
  readonly metric: string;
  readonly op: '>=' | '<=';
  readonly value: number;
  readonly met: boolean;
}

export interface BenchmarkResult {
  readonly metrics: Readonly<Record<string, number>>;
  readonly targets: readonly Target[];
  /** What the reader has to know: a peer that is not installed, a machine that was busy. */
  readonly notes?: readonly string[];
}

export interface Benchmark {
  readonly name: string;
  /** One line. */
  readonly description: string;
  /** Runs it; `say` reports what it is doing. Everything it starts has ended when it resolves or rejects. */
  run(say: (line: string) => void): Promise<BenchmarkResult>;
}

/** Compares a metric with what it has to be. */
export function target(
  metrics: Readonly<Record<string, number>>,
  metric: string,
  op: Target['op'],
  value: number,
): Target {
  const actual = metrics[metric];
  const met = actual !== undefined && (op === '>=' ? actual >= value : actual <= value);
  return { metric, op, value, met };
}

/** The value below which `share` of the sorted samples lie. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Rounded so that a table stays readable: three significant digits, whole numbers from 100 on. */
export function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
