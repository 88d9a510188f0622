/** A real cluster of threads on a temporary folder, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClusterView } from '#shared/model/cluster.ts';
import type { Log } from '../../ports/log.ts';
import { systemClock } from '../../platform/clock.ts';
import { systemRandom } from '../../platform/random.ts';
import { openRaftCluster, type RaftCluster, type RaftClusterOptions } from './raft-cluster.ts';

export const nodeProgram = fileURLToPath(new URL('../host/node-thread.ts', import.meta.url));

/** Says nothing, unless `RAFT_TEST_LOG` is set. */
export const testLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message, fields) => speak(message, fields),
  error: (message, fields) => speak(message, fields),
  child: () => testLog,
};

function speak(message: string, fields: Record<string, unknown> | undefined): void {
  if (process.env.RAFT_TEST_LOG) console.log(message, fields);
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'gantry-raft-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Opens a cluster of three on `folder` and waits until each of its nodes runs or has failed to. */
export async function openTestCluster(folder: string, options: Partial<RaftClusterOptions> = {}): Promise<RaftCluster> {
  const given = { folder, nodeProgram, clock: systemClock, random: systemRandom, log: testLog, ...options };
  const cluster = await openRaftCluster(given);
  await viewWhere(cluster, ({ nodes }) => nodes.every(({ condition }) => condition.state !== 'starting'));
  return cluster;
}

/** Resolves with the first view that satisfies `wanted`. */
export function viewWhere(cluster: RaftCluster, wanted: (view: ClusterView) => boolean): Promise<ClusterView> {
  const now = cluster.view();
  if (wanted(now)) return Promise.resolve(now);
  return new Promise((resolve) => {
    const subscription = cluster.onDidChangeView((view) => {
      if (!wanted(view)) return;
      subscription.dispose();
      resolve(view);
    });
  });
}

/** Writes one setting through the cluster. */
export async function put(cluster: RaftCluster, key: string, value: string): Promise<void> {
  const outcome = await cluster.store.propose<'setting.put'>({ kind: 'setting.put', key, value, atMs: 1 });
  if (!outcome.ok) throw new Error(outcome.error.message);
}
