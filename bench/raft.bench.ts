/** Committed writes of three durable nodes on loopback, beside etcd in the same run. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type BenchmarkResult, rounded, target } from './benchmark.ts';
import { findEtcd, startEtcdCluster } from './raft/etcd-cluster.ts';
import { type BenchCluster, startGantryCluster } from './raft/gantry-cluster.ts';
import type { LoadOrder, LoadReport } from './raft/load.ts';

export const name = 'raft';
export const description =
  'committed writes/s and latency at 1, 16 and 64 clients, three processes over loopback TCP, beside etcd';

/** The most first: by the time one client is measured, all code that is compiled while it runs has been. */
const concurrencies = [64, 16, 1] as const;
const shape = { warmUpMs: 3_000, durationMs: 4_000, valueBytes: 256 };
/** What has to be reached, relative to etcd. */
const throughputFactor = 5;
const latencyFactor = 0.5;

const gantryClient = fileURLToPath(new URL('./raft/gantry-client-process.ts', import.meta.url));
const etcdClient = fileURLToPath(new URL('./raft/etcd-client-process.ts', import.meta.url));
const etcdBareClient = fileURLToPath(new URL('./raft/etcd-bare-client-process.ts', import.meta.url));

/** Runs one load in a process of its own. */
function load(program: string, { host, port }: BenchCluster, concurrency: number): Promise<LoadReport> {
  return new Promise((resolve, reject) => {
    const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let report: LoadReport | null = null;
    child.on('message', (message: LoadReport) => {
      report = message;
    });
    child.on('exit', (code) => (report ? resolve(report) : reject(new Error(`a client ended with ${code}`))));
    const order: LoadOrder = { host, port, concurrency, ...shape };
    child.send(order);
  });
}

export async function run(say: (line: string) => void): Promise<BenchmarkResult> {
  const metrics: Record<string, number> = {};
  const measure = async (label: string, prefix: string, program: string, cluster: BenchCluster, clients: number) => {
    const report = await load(program, cluster, clients);
    metrics[`${prefix}writes_per_second_${clients}`] = rounded(report.writesPerSecond);
    metrics[`${prefix}p50_ms_${clients}`] = rounded(report.p50Ms);
    metrics[`${prefix}p99_ms_${clients}`] = rounded(report.p99Ms);
    say(
      `${label}, ${clients} clients: ${Math.round(report.writesPerSecond)} writes/s, p50 ${report.p50Ms.toFixed(2)} ms, p99 ${report.p99Ms.toFixed(2)} ms`,
    );
  };
  {
    await using cluster = await startGantryCluster();
    for (const clients of concurrencies) await measure('gantry', '', gantryClient, cluster, clients);
  }
  const etcd = findEtcd();
  if (etcd === null)
    return { metrics, targets: [], notes: ['etcd is not installed, so there is nothing to compare with'] };
  {
    await using cluster = await startEtcdCluster(etcd);
    for (const clients of concurrencies) await measure('etcd', 'etcd_', etcdClient, cluster, clients);
    for (const clients of concurrencies) {
      await measure('etcd without a client library', 'etcd_bare_', etcdBareClient, cluster, clients);
    }
  }
  const throughput = (metrics.etcd_writes_per_second_64 ?? Number.NaN) * throughputFactor;
  const latencyMs = (metrics.etcd_p50_ms_1 ?? Number.NaN) * latencyFactor;
  return {
    metrics,
    targets: [
      target(metrics, 'writes_per_second_64', '>=', rounded(throughput)),
      target(metrics, 'p50_ms_1', '<=', rounded(latencyMs)),
    ],
    notes: [
      'etcd_ is etcd through the npm package etcd3; the targets compare with it.',
      'etcd_bare_ is the same servers through hand-written HTTP/2 frames, without the cost of that package.',
    ],
  };
}
