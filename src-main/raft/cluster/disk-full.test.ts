import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestCluster, put, removeFolder, temporaryFolder, viewWhere } from './cluster.fixture.ts';
import type { RaftCluster } from './raft-cluster.ts';

const diskMb = 80;
let mountPoint: string | null = null;
let cluster: RaftCluster | null = null;
let refusal = '';

/** A disk of its own, small enough to be filled; null where this user may not mount one. */
function mountSmallDisk(): string | null {
  const folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m`, 'tmpfs', folder], { stdio: 'pipe' });
    return folder;
  } catch (error) {
    refusal = error instanceof Error ? error.message : String(error);
    removeFolder(folder);
    return null;
  }
}

beforeEach(() => {
  mountPoint = mountSmallDisk();
});

afterEach(async () => {
  await cluster?.close();
  cluster = null;
  if (mountPoint !== null) {
    execFileSync('umount', [mountPoint]);
    removeFolder(mountPoint);
  }
});

/** Fills the disk to the last byte and answers the file that does. */
function fill(folder: string): string {
  const ballast = join(folder, 'ballast');
  mkdirSync(ballast);
  for (const size of [1_000_000, 10_000, 500]) {
    try {
      for (let at = 0; ; at += 1) writeFileSync(join(ballast, `${size}-${at}`), Buffer.alloc(size));
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOSPC') throw error;
    }
  }
  return ballast;
}

describe('a full disk', () => {
  it('stops writes with a reason, keeps what was acknowledged, and goes on once there is room', async (test) => {
    if (mountPoint === null) {
      if (process.env.CI === 'true') throw new Error(`a small disk cannot be mounted: ${refusal}`);
      return test.skip(`a small disk cannot be mounted: ${refusal}`);
    }
    // No reserve: the nodes themselves have to run into the end of the disk.
    cluster = await openTestCluster(join(mountPoint, 'raft'), { reserveBytes: 0 });
    await put(cluster, 'before', 'kept');
    const ballast = fill(mountPoint);
    const value = 'x'.repeat(100_000);
    const acknowledged: string[] = [];
    const failed = await (async () => {
      for (let at = 0; ; at += 1) {
        try {
          await put(cluster, `key-${at}`, value);
          acknowledged.push(`key-${at}`);
        } catch (error) {
          return error;
        }
      }
    })();
    expect(failed).toMatchObject({ code: 'disk-full' });
    expect(cluster.store.read.setting('before')).toBe('kept');

    rmSync(ballast, { recursive: true });
    await viewWhere(cluster, ({ votersHealthy }) => votersHealthy >= 2);
    await put(cluster, 'after', 'there is room');
    for (const key of acknowledged) expect(cluster.store.read.setting(key)).toBe(value);
  }, 60_000);

  it('refuses writes early while little is left, and keeps its nodes running', async (test) => {
    if (mountPoint === null) {
      if (process.env.CI === 'true') throw new Error(`a small disk cannot be mounted: ${refusal}`);
      return test.skip(`a small disk cannot be mounted: ${refusal}`);
    }
    cluster = await openTestCluster(join(mountPoint, 'raft'), { reserveBytes: diskMb * 1024 * 1024 });
    await expect(put(cluster, 'a', '1')).rejects.toMatchObject({ code: 'disk-full' });
    expect(cluster.view()).toMatchObject({ votersHealthy: 3 });
  });
});
