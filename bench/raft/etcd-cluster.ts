/** Three etcd servers on loopback, as Debian ships them, with their data in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { BenchCluster } from './gantry-cluster.ts';

const host = '127.0.0.1';
const startTimeoutMs = 20_000;
const statusSchema = z.object({ header: z.object({ member_id: z.string() }), leader: z.string().optional() });

/** Path of the etcd server; null when it is not installed. */
export function findEtcd(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'etcd')).find((path) => existsSync(path)) ?? null;
}

/** A port that was free a moment ago: etcd cannot be told to choose one. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('no free port');
  return address.port;
}

interface Member {
  readonly name: string;
  readonly peerUrl: string;
  readonly clientPort: number;
}

/** The client port of the member that leads, or null. */
async function leaderPort(members: readonly Member[]): Promise<number | null> {
  for (const { clientPort } of members) {
    const status = await fetch(`http://${host}:${clientPort}/v3/maintenance/status`, { method: 'POST', body: '{}' })
      .then(async (response) => statusSchema.parse(await response.json()))
      .catch((error: unknown) => {
        // Not listening yet is the only failure that passes.
        if (error instanceof TypeError) return null;
        throw error;
      });
    if (status?.leader !== undefined && status.leader === status.header.member_id) return clientPort;
  }
  return null;
}

export async function startEtcdCluster(program: string): Promise<BenchCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-bench-etcd-'));
  const children: ChildProcess[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(
      children.map((child) => {
        if (child.exitCode !== null || child.signalCode !== null) return undefined;
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        return ended;
      }),
    );
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const members: Member[] = [];
    for (const name of ['one', 'two', 'three']) {
      members.push({ name, peerUrl: `http://${host}:${await freePort()}`, clientPort: await freePort() });
    }
    const initial = members.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(',');
    for (const { name, peerUrl, clientPort } of members) {
      const clientUrl = `http://${host}:${clientPort}`;
      const flags = {
        name,
        'data-dir': join(folder, name),
        'listen-peer-urls': peerUrl,
        'initial-advertise-peer-urls': peerUrl,
        'listen-client-urls': clientUrl,
        'advertise-client-urls': clientUrl,
        'initial-cluster': initial,
        'initial-cluster-state': 'new',
        'log-level': 'error',
      };
      const given = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
      children.push(spawn(program, given, { stdio: 'ignore' }));
    }
    const deadlineMs = performance.now() + startTimeoutMs;
    for (;;) {
      const port = await leaderPort(members);
      if (port !== null) return { host, port, [Symbol.asyncDispose]: end };
      if (performance.now() > deadlineMs) throw new Error('etcd found no leader');
      await delay(100);
    }
  } catch (error) {
    await end();
    throw error;
  }
}
