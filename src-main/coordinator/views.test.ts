import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgentScript } from './drive/scripted-worker.fixture.ts';
import { scriptedWorkshop, worksForEver, writesOwnFile } from './scripted-workshop.fixture.ts';
import { ok, refusalCode } from './workshop.fixture.ts';

describe('what is shown', () => {
  it('foresees which lanes will collide, from work that is not committed', async () => {
    const script: AgentScript = ({ spec, say, signal }) => {
      writeFileSync(join(spec.cwd, 'shared.txt'), `${spec.env['GANTRY_TASK_ID']}\n`);
      say({ type: 'file-change', path: 'shared.txt', kind: 'update' });
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(ok())));
    };
    const { shop } = await scriptedWorkshop(script, { files: { 'shared.txt': 'before\n' } });
    await shop.addTasks({ key: 'a' }, { key: 'b' });
    await shop.spawn(2);
    const views = () => shop.coordinator.views.lanes(shop.projectId);
    await shop.until('both know', () => views().length === 2 && views().every((lane) => lane.collisions.length === 1));
    expect(views()[0]).toMatchObject({
      collisions: [{ laneNumber: 2, path: 'shared.txt' }],
      changes: { files: 1, added: 1, removed: 1 },
      step: 'Edited shared.txt',
    });
    const diff = await shop.coordinator.lanes.diff(views()[0]?.id as never);
    expect(diff.files).toMatchObject([{ path: 'shared.txt', collides: true, added: 1, removed: 1 }]);
  });

  it('is the diff of what was merged, also after the lane is gone', async () => {
    const { shop } = await scriptedWorkshop(writesOwnFile);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.untilAllMerged();
    await shop.until('nothing is left', () => shop.git('worktree', 'list').split('\n').length === 1);
    const diff = await shop.coordinator.lanes.diff(shop.coordinator.views.lanes(shop.projectId)[0]?.id as never);
    expect(diff.files.map((file) => file.path)).toEqual(['a.txt']);
  });

  it('is stale while the worker is away, and nothing is ended for it', async () => {
    const { shop, worker } = await scriptedWorkshop(worksForEver);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    const lane = () => shop.coordinator.views.lanes(shop.projectId)[0];
    await shop.until('the lane runs', () => lane()?.status === 'running');
    worker.setConnection({ state: 'unreachable', sinceMs: 0, reason: 'The worker does not answer.' });
    expect(lane()).toMatchObject({ status: 'stale', step: 'The worker does not answer.' });
    worker.setConnection({ state: 'connected', pid: 1, sinceMs: 0 });
    expect(lane()?.status).toBe('running');
    expect(shop.taskStates()).toEqual(['a claimed']);
  });

  it('is cleaned up once the worker is back, if it ended while that was away', async () => {
    const { shop, worker } = await scriptedWorkshop(worksForEver);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    const lane = () => shop.coordinator.views.lanes(shop.projectId)[0];
    await shop.until('the lane runs', () => lane()?.status === 'running');
    worker.setConnection({ state: 'unreachable', sinceMs: 0, reason: 'Away.' });
    await shop.coordinator.lanes.stop(lane()?.id as never);
    for (const runId of worker.reports().keys()) await worker.control(runId, 'stop');
    await shop.until('its run has ended', () =>
      [...worker.reports().values()].every((report) => report.state === 'ended'),
    );
    await shop.coordinator.idle();
    expect(shop.git('worktree', 'list').split('\n')).toHaveLength(2);
    worker.setConnection({ state: 'connected', pid: 1, sinceMs: 0 });
    await shop.until('its worktree is gone', () => shop.git('worktree', 'list').split('\n').length === 1);
  });

  it('says why a project cannot be used', async () => {
    const { shop } = await scriptedWorkshop(writesOwnFile);
    await shop.reopenStore();
    renameSync(shop.repository, `${shop.repository}-moved`);
    await shop.open();
    expect(shop.view().available).toBe(false);
    expect(shop.view().unavailableBecause).toContain(shop.repository);
    expect(await refusalCode(shop.spawn(1))).toBe('unavailable');
    renameSync(`${shop.repository}-moved`, shop.repository);
  });
});
