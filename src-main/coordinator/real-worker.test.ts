import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentRef } from '#shared/model/agent.ts';
import { systemClock } from '../platform/clock.ts';
import { openWorkerClient, type WorkerClient } from '../worker-client/worker-client.ts';
import { testLog, Workshop } from './workshop.fixture.ts';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function workshop(command: string, files: Record<string, string> = { 'README.md': 'A sample.\n' }) {
  const home = mkdtempSync(join(tmpdir(), 'gantry-worker-home-'));
  const entry = fileURLToPath(new URL('../worker/main.ts', import.meta.url));
  const worker: WorkerClient = openWorkerClient({ home, entry, clock: systemClock, log: testLog, idleExitMs: 60_000 });
  const shop = new Workshop({ worker, rework: 'restart', files });
  cleanUps.push(async () => {
    await shop.dispose();
    worker.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });
  await shop.open();
  const agent = `command:${command}` as AgentRef;
  return { shop, worker, agent };
}

function kill(pid: number | null | undefined): void {
  if (pid) process.kill(pid, 'SIGKILL');
}

describe('on the real worker', () => {
  it('a plan with dependencies, and two tasks on the same lines, is merged, each task exactly once', async () => {
    const { shop, agent } = await workshop('echo "$GANTRY_TASK_ID" >> shared.txt; echo x > "$GANTRY_TASK_ID.txt"', {
      'shared.txt': 'before\n',
    });
    const plan = `tasks:
  - { id: one, title: One, prompt: p }
  - { id: two, title: Two, prompt: p }
  - { id: three, title: Three, prompt: p, dependsOn: [one, two] }
  - { id: four, title: Four, prompt: p, dependsOn: [three], gate: "grep -q four shared.txt" }
`;
    await shop.coordinator.tasks.loadPlan(shop.projectId, 'plan.yaml', plan);
    await shop.spawn(3, agent);
    await shop.untilAllMerged();
    expect(shop.log()).toHaveLength(5);
    expect(new Set(shop.log()).size).toBe(5);
    const lines = readFileSync(join(shop.repository, 'shared.txt'), 'utf8').trim().split('\n');
    expect(lines.toSorted()).toEqual(['before', 'four', 'one', 'three', 'two'].toSorted());
    expect(lines.indexOf('three')).toBe(3);
  });

  it('an agent that is killed is noticed, and its task is done by another', async () => {
    const { shop, worker, agent } = await workshop(
      'if [ -e ../first ]; then echo x > a.txt; else touch ../first; sleep 600; fi',
    );
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1, agent);
    await shop.until('it runs', () => [...worker.reports().values()].some((report) => report.pid !== null));
    await shop.until('it sleeps', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    kill([...worker.reports().values()][0]?.pid);
    await shop.untilAllMerged();
    const lanes = shop.coordinator.views.lanes(shop.projectId);
    expect(lanes.map((lane) => lane.end?.kind)).toEqual(['failed', 'merged']);
  });

  it('a worker that is killed comes back, and no lane is lost', async () => {
    const { shop, worker, agent } = await workshop(
      'if [ -e ../go ]; then echo x > "$GANTRY_TASK_ID.txt"; else touch ../go; sleep 600; fi',
    );
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1, agent);
    await shop.until('it runs', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    const connection = worker.connection();
    if (connection.state === 'connected') kill(connection.pid);
    await shop.untilAllMerged();
    expect(shop.coordinator.views.lanes(shop.projectId)).toHaveLength(1);
  });

  it('a worker that was shut down stays away until somebody spawns, then lanes go on', async () => {
    const { shop, worker, agent } = await workshop(
      'if [ -e ../go ]; then echo x > "$GANTRY_TASK_ID.txt"; else touch ../go; sleep 600; fi',
    );
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1, agent);
    const lane = () => shop.coordinator.views.lanes(shop.projectId)[0];
    await shop.until('it runs', () => lane()?.status === 'running');
    await shop.coordinator.lanes.setFleet(shop.projectId, agent, 0);
    expect(await worker.shutdown()).toEqual({ ok: true, value: { runsEnded: 1 } });
    await shop.until('the lane says so', () => lane()?.step.startsWith('The worker was shut down.') === true);
    await shop.coordinator.idle();
    expect(worker.connection().state).toBe('unreachable');
    expect(shop.taskStates()).toEqual(['a claimed']);

    await shop.spawn(1, agent);
    await shop.untilAllMerged();
    expect(shop.coordinator.views.lanes(shop.projectId).filter((each) => each.status === 'merged')).toHaveLength(1);
  });

  it('a lane that is stopped leaves no process', async () => {
    const { shop, worker, agent } = await workshop('setsid sleep 600 & sleep 600');
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1, agent);
    await shop.until('it runs', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    await shop.coordinator.lanes.stop(shop.coordinator.views.lanes(shop.projectId)[0]?.id as never);
    await shop.until('its run has ended', () =>
      [...worker.reports().values()].every((report) => report.state === 'ended'),
    );
    await shop.until('its worktree is gone', () => shop.git('worktree', 'list').split('\n').length === 1);
    expect(shop.taskStates()).toEqual(['a open']);
  });
});
