/** What a crash may cost: nothing. Real processes, really killed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectMergedOnce, FleetObserver, workCommand } from '../fixtures/fleet.ts';
import { expect, test } from '../fixtures/test.ts';

function keysOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `t${index + 1}`);
}

/** The worker of the address may have been replaced a moment ago; then the next kill hits. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Chance that a failing run prints, so that it can be looked at again. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('the app killed at twenty random moments of a running fleet loses nothing and doubles nothing', async ({
  host,
  repository,
}) => {
  test.setTimeout(600_000);
  const seed = Number(process.env['GANTRY_SEED'] ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  const random = chance(seed);
  const keys = keysOf(48);
  let fleet = await FleetObserver.of(host, repository);
  // Every sixth task waits for the one before it.
  const tasks = keys.map((key, index) => ({ key, dependsOn: index % 6 === 5 ? [keys[index - 1] ?? ''] : [] }));
  await fleet.begin(tasks as never, 4, workCommand(1.5), 'sleep 0.2');
  let killedWhileWorking = 0;
  for (let kill = 1; kill <= 20; kill += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100 + random() * 1_400));
    if (!fleet.allMerged()) killedWhileWorking += 1;
    fleet.close();
    await host.kill('SIGKILL');
    await host.start();
    fleet = await FleetObserver.of(host, repository);
  }
  await fleet.until(() => fleet.allMerged(), 'every task merged', 300_000);
  expect(killedWhileWorking, 'kills that hit a working fleet').toBeGreaterThanOrEqual(15);
  expectMergedOnce(repository, keys);
  // No lane was lost: no task had to be started a second time because its lane was gone.
  const lost = [...fleet.lanes.values.values()].filter((lane) => lane.end?.kind === 'failed');
  expect(lost.map((lane) => `${lane.number}: ${lane.step}`)).toEqual([]);
  expect(repository.git('status', '--porcelain')).toBe('');
  fleet.close();
});

test('the worker killed again and again: its lanes are replaced, every task lands once', async ({
  host,
  repository,
}) => {
  test.setTimeout(300_000);
  const keys = keysOf(12);
  const fleet = await FleetObserver.of(host, repository);
  // Killing a worker costs its runs an attempt; the limit is not what is tested here.
  await fleet.client.call('project.configure', { projectId: fleet.project.id, attemptsMax: 20 });
  // A run that the worker's death cut short is done again where it was: it may have written already.
  await fleet.begin(keys.map((key) => ({ key })) as never, 3, workCommand(1, '>'), null);
  for (let kill = 1; kill <= 5; kill += 1) {
    await fleet.until(
      () => fleet.allMerged() || [...fleet.lanes.values.values()].some((lane) => lane.status === 'running'),
      'a lane that runs',
    );
    const { pid } = JSON.parse(readFileSync(join(host.home, 'worker', 'worker.json'), 'utf8')) as { pid: number };
    killIfThere(pid);
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
  await fleet.until(() => fleet.allMerged(), 'every task merged', 200_000);
  expectMergedOnce(repository, keys);
  fleet.close();
});

test('the leader’s thread ended in the middle of a merge: the merge lands once, writes go on', async ({
  host,
  repository,
}) => {
  test.setTimeout(240_000);
  const keys = keysOf(4);
  const fleet = await FleetObserver.of(host, repository);
  await fleet.begin(keys.map((key) => ({ key })) as never, 2, workCommand(0.2), 'sleep 1');
  const isMerging = (): boolean =>
    [...fleet.lanes.values.values()].some((lane) => lane.status === 'gating' || lane.status === 'landing');
  const leader = () => fleet.cluster.values.get('cluster')?.leaderId ?? null;
  for (let round = 1; round <= 2; round += 1) {
    await fleet.until(() => fleet.allMerged() || isMerging(), 'a merge under way');
    const before = leader();
    if (before === null || fleet.allMerged()) continue;
    await fleet.client.call('cluster.drill', { kind: 'stop', nodeId: before, forMs: 60_000 });
    await fleet.until(() => leader() !== null && leader() !== before, 'another leader', 20_000);
    await fleet.client.call('cluster.endDrill', {});
    await fleet.until(() => fleet.cluster.values.get('cluster')?.votersHealthy === 3, 'three nodes again', 30_000);
  }
  await fleet.until(() => fleet.allMerged(), 'every task merged');
  expectMergedOnce(repository, keys);
  fleet.close();
});
