import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toDisposable } from '#shared/base/disposable.ts';
import type { AgentRef } from '#shared/model/agent.ts';
import type { Git } from '../ports/git.ts';
import type { AgentScript } from './drive/scripted-worker.fixture.ts';
import { scriptedWorkshop, worksForEver, writesOwnFile } from './scripted-workshop.fixture.ts';
import { anyAgent, ok, refusalCode } from './workshop.fixture.ts';

describe('the person', () => {
  it('stops a lane: its work is saved, its task open again, its agent not replaced', async () => {
    const { shop } = await scriptedWorkshop(worksForEver);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the lane runs', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    const lane = shop.coordinator.views.lanes(shop.projectId)[0];
    await shop.until('it has written', () => existsSync(join(lane?.workspace?.worktree ?? '', 'unfinished.txt')));
    await shop.coordinator.lanes.stop(lane?.id as never);
    await shop.until('its worktree is gone', () => shop.git('worktree', 'list').split('\n').length === 1);
    expect(shop.taskStates()).toEqual(['a open']);
    expect(shop.view().fleet).toEqual([]);
    const saved = shop.git('for-each-ref', '--format=%(refname)', 'refs/gantry/saved').split('\n');
    expect(shop.git('show', `${saved[0]}:unfinished.txt`)).toBe('half');

    const ended = () => shop.coordinator.views.lanes(shop.projectId).find((each) => each.id === lane?.id);
    const step = `Stopped by you. Its work is in \`${saved[0]}\`.`;
    await shop.until('the lane says where its work is', () => ended()?.step === step);
    const diff = () => shop.coordinator.lanes.diff(lane?.id as never);
    expect((await diff()).files.map((file) => file.path)).toEqual(['unfinished.txt']);
    await shop.reopenStore();
    await shop.open();
    expect(ended()?.step).toBe(step);
    expect((await diff()).files.map((file) => file.path)).toEqual(['unfinished.txt']);
  });

  it('wakes a worker that was shut down by spawning, not by taking agents away', async () => {
    const { shop, worker } = await scriptedWorkshop(worksForEver);
    await shop.coordinator.lanes.setFleet(shop.projectId, anyAgent, 0);
    expect(worker.wakes).toBe(0);
    await shop.spawn(1);
    expect(worker.wakes).toBe(1);
  });

  it('spawns as often as they click, also twice at once', async () => {
    const { shop } = await scriptedWorkshop(worksForEver);
    await Promise.all([shop.spawn(1), shop.spawn(2), shop.spawn(1)]);
    expect(shop.view().fleet).toEqual([{ agent: anyAgent, count: 4 }]);
  });

  it('hands a task over to another kind of agent', async () => {
    const other = 'codex' as AgentRef;
    const script: AgentScript = (run) => (run.spec.agent === other ? writesOwnFile(run) : worksForEver(run));
    const { shop, worker } = await scriptedWorkshop(script);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the lane runs', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    await shop.coordinator.lanes.handOver(shop.coordinator.views.lanes(shop.projectId)[0]?.id as never, other);
    await shop.untilAllMerged();
    expect(worker.started.map((spec) => spec.agent)).toEqual([anyAgent, other]);
    expect(shop.view().fleet).toEqual([{ agent: other, count: 1 }]);
  });

  it('cancels a task: its lane ends by itself', async () => {
    const { shop } = await scriptedWorkshop(worksForEver);
    const [taskId] = await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the lane runs', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    await shop.coordinator.tasks.cancel(taskId as never);
    await shop.until('the lane has ended', () => shop.view().counts.lanesLive === 0);
    expect(shop.coordinator.views.lanes(shop.projectId)[0]?.end).toEqual({
      kind: 'stopped',
      reason: 'Its task was cancelled.',
    });
    await shop.until('its worktree is gone', () => shop.git('worktree', 'list').split('\n').length === 1);
  });

  it('answers, pauses and writes to the agent that runs', async () => {
    const script: AgentScript = ({ say, signal }) => {
      say({ type: 'permission', requestId: 'q', title: 'Wants to install', command: 'npm i', options: [] });
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(ok())));
    };
    const { shop, worker } = await scriptedWorkshop(script);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the lane asks', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'waiting');
    const [lane] = shop.coordinator.views.lanes(shop.projectId);
    const laneId = lane?.id as never;
    expect(lane?.ask?.command).toBe('npm i');
    expect(shop.coordinator.views.tasks(shop.projectId)[0]?.shown).toBe('waiting');
    expect(shop.view().counts.lanesWaiting).toBe(1);
    await shop.coordinator.lanes.answer(laneId, 'q', 'yes', false);
    await shop.coordinator.lanes.message(laneId, 'hello');
    await shop.coordinator.lanes.pause(laneId);
    expect(worker.asked.map((line) => line.replace(/run-\S+/, 'RUN'))).toEqual([
      'answer RUN q yes',
      'message RUN hello',
      'pause RUN',
    ]);
  });

  it('lets finished work wait while auto-merge is off, and lands what they choose', async () => {
    const { shop } = await scriptedWorkshop(writesOwnFile);
    await shop.coordinator.projects.configure(shop.projectId, { autoMerge: false });
    await shop.addTasks({ key: 'a' }, { key: 'b' });
    await shop.spawn(2);
    const ready = () => shop.coordinator.views.lanes(shop.projectId).filter((lane) => lane.status === 'ready-to-merge');
    await shop.until('both are ready', () => ready().length === 2);
    expect(ready()[1]?.can.merge).toBe(true);
    await shop.coordinator.lanes.merge(ready()[1]?.id as never);
    await shop.until('b has landed', () => shop.taskStates().join() === 'a submitted,b merged');
    expect(shop.log()).toHaveLength(2);
  });

  it('sees at once what landed beside their checkout, also where the repository cannot be watched', async () => {
    const { shop } = await scriptedWorkshop(writesOwnFile);
    await shop.reopenStore();
    const world = shop.world();
    await shop.open({ ...world, git: unwatched(world.git) });
    writeFileSync(join(shop.repository, 'README.md'), 'my own change\n');
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.untilAllMerged();
    await shop.until('the detour shows', () => shop.view().detour?.aheadBy === 1);
  });

  it('keeps working in a checkout that is not clean: merges land beside, and are brought in', async () => {
    const { shop } = await scriptedWorkshop(writesOwnFile);
    writeFileSync(join(shop.repository, 'README.md'), 'my own change\n');
    await shop.addTasks({ key: 'a' }, { key: 'b', dependsOn: ['a'] });
    await shop.spawn(1);
    await shop.untilAllMerged();
    expect(shop.log('main')).toEqual(['Begin']);
    expect(readFileSync(join(shop.repository, 'README.md'), 'utf8')).toBe('my own change\n');
    await shop.until('the detour shows', () => shop.view().detour?.aheadBy === 2);
    expect(await refusalCode(shop.coordinator.projects.bringIn(shop.projectId))).toBe('wrong-state');
    shop.git('checkout', '--', 'README.md');
    await shop.coordinator.projects.bringIn(shop.projectId);
    expect(shop.log('main')).toHaveLength(3);
    expect(shop.view().detour).toBeNull();
  });
});

/** Repositories whose changes nobody announces. */
function unwatched(git: Git): Git {
  return {
    version: () => git.version(),
    async open(path) {
      const opened = await git.open(path);
      return opened.ok
        ? { ok: true, value: Object.assign(opened.value, { watch: () => toDisposable(() => null) }) }
        : opened;
    },
  };
}
