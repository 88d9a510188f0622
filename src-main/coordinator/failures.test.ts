import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GantryError } from '#shared/contract/error.ts';
import { systemClock } from '../platform/clock.ts';
import type { ControlStore } from '../state/control-store.ts';
import type { AgentScript } from './drive/scripted-worker.fixture.ts';
import { scriptedWorkshop, writesOwnFile } from './scripted-workshop.fixture.ts';
import { ok } from './workshop.fixture.ts';

describe('failures', () => {
  it('are tried again a few times, then wait for the person', async () => {
    const { shop, worker } = await scriptedWorkshop(() => Promise.reject(new Error('boom')));
    await shop.coordinator.projects.configure(shop.projectId, { attemptsMax: 2 });
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the task has failed', () => shop.taskStates()[0] === 'a failed');
    expect(worker.started).toHaveLength(2);
    const views = shop.coordinator.views.lanes(shop.projectId);
    expect(views.map((lane) => lane.status)).toEqual(['stopped', 'failed']);
    expect(shop.coordinator.views.tasks(shop.projectId)[0]).toMatchObject({ shown: 'failed', note: 'Error: boom' });
  });

  it('of an agent that changes nothing are failures', async () => {
    const { shop } = await scriptedWorkshop(() => Promise.resolve(ok()));
    await shop.coordinator.projects.configure(shop.projectId, { attemptsMax: 1 });
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the task has failed', () => shop.taskStates()[0] === 'a failed');
    expect(shop.coordinator.views.tasks(shop.projectId)[0]?.note).toBe('The agent ended without changing anything.');
  });

  it('that were not the lane’s make it go on in its worktree', async () => {
    let runs = 0;
    const script: AgentScript = ({ spec }) => {
      runs += 1;
      if (runs > 1) return Promise.resolve(ok());
      writeFileSync(join(spec.cwd, 'a.txt'), 'kept\n');
      return Promise.resolve({
        kind: 'failed',
        reason: 'lost',
        detail: 'The worker went away.',
        exitCode: null,
        signal: null,
      });
    };
    const { shop, worker } = await scriptedWorkshop(script);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.untilAllMerged();
    expect(worker.started[0]?.cwd).toBe(worker.started[1]?.cwd);
    expect(worker.started[1]?.prompt).toContain('An earlier run of this task ended');
    expect(shop.coordinator.views.lanes(shop.projectId)).toHaveLength(1);
  });

  it('of the control plane to store anything are waited for, said to the person, and cost nothing', async () => {
    let finish = (): void => undefined;
    const script: AgentScript = async (run) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return writesOwnFile(run);
    };
    const { shop } = await scriptedWorkshop(script);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the lane runs', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    await shop.reopenStore();
    const full = fullStore(shop.world().store);
    // A clock that hurries: giving up takes some seconds.
    const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() * 10 };
    await shop.open({ ...shop.world(), store: full.store, clock });
    full.isFull = true;
    finish();
    await shop.until('it has tried often', () => full.refused > 7);
    expect(shop.view().mergeProblem).toBe('No room.');
    expect(shop.taskStates()).toEqual(['a claimed']);
    full.isFull = false;
    await shop.untilAllMerged();
    await shop.until('it is well again', () => shop.view().mergeProblem === null);
    expect(shop.coordinator.views.lanes(shop.projectId)).toHaveLength(1);
  });
});

/** A store that takes nothing while it is full, but for the end of a lane, which nobody is to ask for. */
function fullStore(store: ControlStore): { store: ControlStore; isFull: boolean; refused: number } {
  const full = {
    isFull: false,
    refused: 0,
    store: {
      propose: (command) => {
        if (!full.isFull || command.kind === 'lane.end') return store.propose(command);
        full.refused += 1;
        return Promise.reject(new GantryError('disk-full', 'No room.', { retryable: true }));
      },
      read: store.read,
      barrier: () => store.barrier(),
      onDidChange: (listener) => store.onDidChange(listener),
    } satisfies ControlStore,
  };
  return full;
}
