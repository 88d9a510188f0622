/** A closed loop of concurrent clients: each writes, waits for the answer, writes again. */
import { percentile } from '../benchmark.ts';

/** What the load process is told. */
export interface LoadOrder {
  readonly port: number;
  readonly host: string;
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly valueBytes: number;
}

export interface LoadReport {
  readonly writesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Each client writes these many keys in turn. */
const keysPerClient = 100;

/** Runs the load; `put` resolves once the write is committed and rejects when it is refused. */
export async function runLoad(
  order: LoadOrder,
  put: (key: string, value: string) => Promise<void>,
): Promise<LoadReport> {
  const value = 'v'.repeat(order.valueBytes);
  const startMs = performance.now() + order.warmUpMs;
  const endMs = startMs + order.durationMs;
  const latenciesMs: number[] = [];
  const client = async (number: number): Promise<void> => {
    for (let turn = 0; ; turn += 1) {
      const sentMs = performance.now();
      if (sentMs >= endMs) return;
      await put(`bench-${number}-${turn % keysPerClient}`, value);
      const doneMs = performance.now();
      if (sentMs >= startMs && doneMs < endMs) latenciesMs.push(doneMs - sentMs);
    }
  };
  await Promise.all(Array.from({ length: order.concurrency }, (_, number) => client(number)));
  latenciesMs.sort((a, b) => a - b);
  return {
    writesPerSecond: (latenciesMs.length * 1_000) / order.durationMs,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
  };
}

/** Waits for the order of the parent process, performs it, reports, ends. */
export function serveLoad(perform: (order: LoadOrder) => Promise<LoadReport>): void {
  process.once('message', (order: LoadOrder) => {
    void perform(order).then((report) => process.send?.(report, () => process.disconnect()));
  });
}
