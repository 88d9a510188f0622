import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { assertDefined } from '#shared/base/assert.ts';
import type { NodeId } from '#shared/model/ids.ts';
import type { ChangeSet } from '../../state/control-store.ts';
import { openTestCluster, put, removeFolder, temporaryFolder, viewWhere } from './cluster.fixture.ts';
import { openProject, openTestLane } from './claims.fixture.ts';
import type { RaftCluster, RaftClusterOptions } from './raft-cluster.ts';

let folder: string;
let cluster: RaftCluster | null = null;

async function open(options: Partial<RaftClusterOptions> = {}): Promise<RaftCluster> {
  cluster = await openTestCluster(folder, options);
  return cluster;
}

function leaderOf(opened: RaftCluster): NodeId {
  return assertDefined(opened.view().leaderId, 'there is a leader');
}

function followerOf(opened: RaftCluster): NodeId {
  const { nodes, leaderId } = opened.view();
  return assertDefined(
    nodes.find((node) => node.id !== leaderId && node.condition.state === 'running')?.id,
    'a follower',
  );
}

/** Damages a page in the middle of a database, the way a bad disk does. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes.fill(0x5a, Math.min(4_096, bytes.byteLength - 512), bytes.byteLength);
  writeFileSync(path, bytes);
}

/** Threads, fsyncs and elections take their time on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

const quickSnapshots = { entries: 50, bytes: 1_000_000_000, trailingEntries: 5 };

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(async () => {
  await cluster?.close();
  cluster = null;
  removeFolder(folder);
});

describe('a cluster of three', () => {
  it('reads what was written, and again after it was closed and opened', async () => {
    const first = await open();
    await put(first, 'theme', 'dark');
    expect(first.store.read.setting('theme')).toBe('dark');
    await first.close();

    const second = await open();
    expect(second.store.read.setting('theme')).toBe('dark');
    expect(second.view()).toMatchObject({ voters: 3, votersHealthy: 3, failuresTolerated: 1 });
  });

  it('announces each index once, in order, after it can be read', async () => {
    const opened = await open();
    const seen: ChangeSet[] = [];
    const subscription = opened.store.onDidChange((changes) => {
      expect(opened.store.read.appliedIndex()).toBeGreaterThanOrEqual(changes.index);
      seen.push(changes);
    });
    await Promise.all(Array.from({ length: 200 }, (_, at) => put(opened, `key-${at}`, 'value')));
    await opened.crashNode(leaderOf(opened));
    await put(opened, 'last', 'value');
    subscription.dispose();

    const indexes = seen.map(({ index }) => index);
    expect(indexes).toEqual(indexes.map((_, at) => assertDefined(indexes[0], 'first') + at));
    const settings = seen.flatMap(({ changes }) => changes.map(({ id }) => id));
    expect(settings).toHaveLength(201);
    expect(new Set(settings).size).toBe(201);
  });

  it('gives a barrier that includes what others wrote', async () => {
    const opened = await open();
    await put(opened, 'a', '1');
    await opened.store.barrier();
    expect(opened.store.read.setting('a')).toBe('1');
  });

  it('elects another leader when the thread of the leader dies, applies each command once, and restarts the thread', async () => {
    const opened = await open();
    await openProject(opened.store);
    const before = leaderOf(opened);
    const laneNumbers: number[] = [];
    const openLane = async (at: number): Promise<void> => {
      laneNumbers.push(await openTestLane(opened.store, at));
    };
    const lanes = Array.from({ length: 300 }, (_, at) => openLane(at));
    await Promise.race(lanes);
    await opened.crashNode(before);
    await Promise.all(lanes);

    // A command that was applied twice would be refused, or would have taken a number too many.
    expect(laneNumbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, at) => at + 1));
    const view = await viewWhere(opened, ({ votersHealthy, leaderId }) => votersHealthy === 3 && leaderId !== null);
    expect(view.leadership.length).toBeGreaterThanOrEqual(2);
    expect(view.absences).toContainEqual(expect.objectContaining({ nodeId: before, cause: 'crashed' }));
  });

  it('lets a leader that is stopped orderly hand over first, and refuses to stop the next one', async () => {
    const opened = await open();
    const before = leaderOf(opened);
    await opened.stopNode(before);
    await put(opened, 'after', 'it left');
    const view = opened.view();
    expect(view.leadership.at(-1)).toMatchObject({ cause: 'handed-over' });
    expect(view.nodes.find(({ id }) => id === before)?.condition.state).toBe('stopped');
    await expect(opened.stopNode(leaderOf(opened))).rejects.toMatchObject({ code: 'would-stop-writes' });
    await opened.startNode(before);
    await viewWhere(opened, ({ votersHealthy }) => votersHealthy === 3);
  });

  it('lets a node that was stopped catch up, through a snapshot where the log is gone', async () => {
    const opened = await open({ thresholds: quickSnapshots });
    const behind = followerOf(opened);
    await opened.drill('stop', behind, 600_000);
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 30 }, (_, at) => put(opened, `key-${at}`, String(round))));
    }
    await opened.endDrill();

    const view = await viewWhere(opened, ({ nodes, leaderId }) => {
      const leader = nodes.find(({ id }) => id === leaderId);
      const follower = nodes.find(({ id }) => id === behind);
      return follower?.condition.state === 'running' && follower.appliedIndex === leader?.appliedIndex;
    });
    const caughtUp = assertDefined(
      view.nodes.find(({ id }) => id === behind),
      'the node',
    );
    expect(caughtUp.snapshotIndex).toBeGreaterThan(100);
    const hashed = await viewWhere(opened, ({ nodes }) => {
      const hashes = nodes.map(({ stateHash }) => stateHash);
      return hashes.every((hash) => hash !== null && hash.index === hashes[0]?.index);
    });
    expect(new Set(hashed.nodes.map(({ stateHash }) => stateHash?.hash)).size).toBe(1);
  });
});

describe('drills', () => {
  it('cuts a leader off, goes on with another, loses nothing, and reconnects', async () => {
    const opened = await open();
    const before = leaderOf(opened);
    await opened.drill('cut-off', before, 600_000);
    await put(opened, 'during', 'the drill');
    expect(leaderOf(opened)).not.toBe(before);
    await expect(opened.drill('stop', leaderOf(opened), 1_000)).rejects.toMatchObject({ code: 'wrong-state' });
    await opened.endDrill();
    const view = await viewWhere(opened, ({ votersHealthy }) => votersHealthy === 3);
    expect(view.drills).toEqual([
      expect.objectContaining({ kind: 'cut-off', nodeId: before, writesLost: 0, writesCommitted: 1 }),
    ]);
    expect(view.drills[0]?.leaderlessMs).toBeGreaterThan(0);
  });

  it('ends by itself, and tells of the time without a leader also when nobody was elected by then', async () => {
    const opened = await open();
    const before = leaderOf(opened);
    // Shorter than an election can be.
    await opened.drill('cut-off', before, 50);
    const view = await viewWhere(
      opened,
      ({ drills, votersHealthy }) => votersHealthy === 3 && drills[0]?.endedAtMs !== null,
    );
    expect(view.drills[0]?.leaderlessMs).toBeGreaterThan(0);
    await put(opened, 'after', 'the drill');
  });

  it('slows the disk of a follower while writes go on', async () => {
    const opened = await open();
    const slow = followerOf(opened);
    await opened.drill('slow-disk', slow, 600_000);
    await put(opened, 'slow', 'disk');
    const slowed = await viewWhere(
      opened,
      ({ nodes }) => (nodes.find(({ id }) => id === slow)?.fsyncP99Ms ?? 0) >= 200,
    );
    expect(slowed.votersHealthy).toBe(3);
    await opened.endDrill();
    expect(opened.view().drills).toEqual([expect.objectContaining({ kind: 'slow-disk', writesLost: 0 })]);
  });

  it('refuses with would-stop-writes when only one node is there', async () => {
    const opened = await open({ voters: 1 });
    await expect(opened.drill('stop', leaderOf(opened), 1_000)).rejects.toMatchObject({ code: 'would-stop-writes' });
    await put(opened, 'still', 'writes');
  });

  it('hands leadership to the chosen node', async () => {
    const opened = await open();
    const chosen = followerOf(opened);
    await opened.drill('hand-over', chosen, 60_000);
    const view = await viewWhere(
      opened,
      ({ leaderId, drills }) => leaderId === chosen && drills[0]?.endedAtMs !== null,
    );
    expect(view.leadership.at(-1)).toMatchObject({ nodeId: chosen, cause: 'handed-over' });
  });
});

describe('a node whose data cannot be trusted', () => {
  it.each(['log.db', 'state.db'])(
    'is fenced when its %s is damaged; the others go on, and it is rebuilt under a new id',
    async (file) => {
      const first = await open({ thresholds: quickSnapshots });
      for (let at = 0; at < 200; at += 1) await put(first, `key-${at}`, 'x'.repeat(200));
      await first.close();
      damage(join(folder, 'node-2', file));

      const opened = await open({ thresholds: quickSnapshots });
      const fenced = await viewWhere(opened, ({ nodes }) =>
        nodes.some(({ condition }) => condition.state === 'fenced'),
      );
      const node = assertDefined(
        fenced.nodes.find(({ condition }) => condition.state === 'fenced'),
        'a fenced node',
      );
      expect(node.id).toBe('node-2');
      expect(node.condition).toMatchObject({ reason: expect.stringContaining(file) });
      await put(opened, 'without', 'node-2');
      await expect(opened.startNode(node.id)).rejects.toMatchObject({ code: 'node-fenced' });
      await expect(opened.drill('stop', followerOf(opened), 1_000)).rejects.toMatchObject({
        code: 'would-stop-writes',
      });

      expect(await opened.rebuildNode(node.id)).toBe('node-4');
      const rebuilt = await viewWhere(opened, ({ votersHealthy }) => votersHealthy === 3);
      expect(rebuilt.nodes.map(({ id }) => id)).toEqual(['node-1', 'node-3', 'node-4']);
      expect(rebuilt.nodes.every(({ votes }) => votes)).toBe(true);
      expect(() => statSync(join(folder, 'node-2'))).toThrow(/ENOENT/);
      await opened.drill('stop', followerOf(opened), 600_000);
      await put(opened, 'with', 'node-4');
      await opened.close();

      const again = await open();
      expect(again.store.read.setting('with')).toBe('node-4');
      expect(again.view().voters).toBe(3);
    },
  );

  it('is fenced when its folder is gone', async () => {
    const first = await open();
    await put(first, 'a', '1');
    await first.close();
    removeFolder(join(folder, 'node-3'));
    const opened = await open();
    const view = await viewWhere(opened, ({ nodes }) => nodes.some(({ condition }) => condition.state === 'fenced'));
    expect(view.nodes.find(({ condition }) => condition.state === 'fenced')?.id).toBe('node-3');
    expect(opened.store.read.setting('a')).toBe('1');
  });
});
