import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '#shared/model/checkpoint.ts';
import type { Service } from '#shared/model/service.ts';
import {
  fingerprintCovers,
  type HistoryCommit,
  planRollback,
  revertSteps,
  type RollbackFacts,
  undoneCheckpoints,
} from './rollback-plan.ts';
import { commit, main, sampleCheckpoint, sampleLane, sampleRollback, sampleTask } from './sample.fixture.ts';

/** A straight line of commits, oldest first; the history is what lies after `to`. */
function history(line: string, to: string): HistoryCommit[] {
  const commits = [...line];
  return commits
    .map((letter, index) => ({
      commit: commit(letter),
      subject: `Merge T-${letter}: Task`,
      parents: index === 0 ? [] : [commit(commits[index - 1] ?? '')],
      files: 2,
    }))
    .slice(commits.indexOf(to) + 1)
    .reverse();
}

function mergedTask(letter: string) {
  return sampleTask(`T-${letter}`, { status: { state: 'merged', laneId: 'lane-00000001' as never, atMs: 1 } });
}

const merge = (number: number, before: string, after: string) =>
  sampleCheckpoint(number, {
    beforeCommit: commit(before),
    afterCommit: commit(after),
    taskId: mergedTask(after).id,
  });

function facts(change: Partial<RollbackFacts> = {}): RollbackFacts {
  return {
    checkpoint: merge(1, 'a', 'b'),
    branch: main,
    headCommit: commit('d'),
    toCommit: commit('b'),
    history: history('abcd', 'b'),
    checkpoints: [merge(3, 'c', 'd'), merge(2, 'b', 'c'), merge(1, 'a', 'b')],
    rollbacks: [],
    tasks: ['b', 'c', 'd'].map(mergedTask),
    lanesBuiltOn: [],
    changes: { files: 3, added: 1, removed: 2 },
    changedPaths: ['x', 'y', 'z'],
    services: [],
    mergesWaiting: 0,
    nowMs: 5,
    ...change,
  };
}

describe('revertSteps', () => {
  it('takes merges back one by one, newest first, and ends with the files of the checkpoint', () => {
    expect(revertSteps(facts()).map((step) => [step.commit, step.restores, step.taskKey])).toEqual([
      [commit('d'), commit('c'), 'T-d'],
      [commit('c'), commit('b'), 'T-c'],
    ]);
  });

  it('does nothing when the branch is there already', () => {
    expect(revertSteps(facts({ headCommit: commit('b'), history: [] }))).toEqual([]);
  });

  it('takes no notice of an earlier rollback that only took services back', () => {
    const rollback = sampleRollback(1, {
      checkpointId: merge(3, 'c', 'd').id,
      beforeCommit: commit('d'),
      afterCommit: commit('d'),
    });
    expect(revertSteps(facts({ rollbacks: [rollback] }))).toEqual(revertSteps(facts()));
  });

  it('steps over an earlier rollback together with what it took back', () => {
    // b: merge, c: merge, e: rollback of c (files of b), f: merge on top.
    const rollback = sampleRollback(1, {
      checkpointId: merge(1, 'a', 'b').id,
      beforeCommit: commit('c'),
      afterCommit: commit('e'),
    });
    const line = 'abcef';
    const checkpoints = [merge(4, 'e', 'f'), merge(2, 'b', 'c'), merge(1, 'a', 'b')];
    const steps = revertSteps(
      facts({
        toCommit: commit('a'),
        headCommit: commit('f'),
        history: history(line, 'a'),
        checkpoints,
        rollbacks: [rollback],
      }),
    );
    expect(steps.map((step) => [step.commit, step.restores])).toEqual([
      [commit('f'), commit('e')],
      [commit('b'), commit('a')],
    ]);
  });

  it('takes the reverts back when the goal lies between a rollback and what it took back', () => {
    const rollback = sampleRollback(1, {
      checkpointId: merge(1, 'a', 'b').id,
      beforeCommit: commit('d'),
      afterCommit: commit('e'),
    });
    const steps = revertSteps(
      facts({
        toCommit: commit('c'),
        headCommit: commit('e'),
        history: history('abcde', 'c'),
        rollbacks: [rollback],
      }),
    );
    expect(steps.at(-1)?.restores).toBe(commit('c'));
  });

  it('ends with the files of the checkpoint also where it came in by another line', () => {
    const steps = revertSteps(
      facts({ history: [{ commit: commit('d'), subject: 'Bring in', parents: [commit('9'), commit('b')], files: 1 }] }),
    );
    expect(steps).toMatchObject([{ commit: commit('d'), restores: commit('b') }]);
  });
});

describe('planRollback', () => {
  it('lists commits, tasks and checkpoints that are taken back', () => {
    const plan = planRollback(facts());
    expect(plan.commits.map((each) => each.taskKey)).toEqual(['T-d', 'T-c']);
    expect(plan.tasks.map((task) => task.key)).toEqual(['T-c', 'T-d']);
    expect(plan.title).toBe('Roll back to after T-b');
    expect(plan.warnings).toEqual(['Auto-merge is paused until you turn it on.']);
    expect(undoneCheckpoints(facts().checkpoints, revertSteps(facts())).map((each) => each.number)).toEqual([3, 2]);
  });

  it('is named after what is at the checkpoint', () => {
    const serviceId = 'p/main/api' as never;
    const named = (change: Partial<Checkpoint>): string =>
      planRollback(
        facts({
          checkpoint: { ...merge(9, 'a', 'b'), taskId: null, label: 'Deploy api', ...change },
          rollbacks: [sampleRollback(3)],
          services: [
            {
              service: {
                id: serviceId,
                name: 'api',
                stack: 'main',
                state: 'active',
                servingRevision: 15,
              } as unknown as Service,
              wanted: null,
              target: null,
              keeping: null,
            },
          ],
        }),
      ).title;
    const deploy = { kind: 'deploy', serviceId } as const;
    expect(named({ ...deploy, revisions: { api: 15 } as never })).toBe('Roll back to api at revision 15');
    expect(named({ ...deploy, revisions: {} })).toBe('Roll back to before “Deploy api”');
    expect(named({ kind: 'rollback', rollbackId: sampleRollback(3).id })).toBe('Roll back to after R-3');
    expect(named({ kind: 'undo', rollbackId: sampleRollback(3).id })).toBe('Roll back to after the undo of R-3');
    expect(named({ kind: 'opened' })).toBe('Roll back to the start');
    expect(named({ kind: 'outside', label: '2 commits from outside' })).toBe(
      'Roll back to after “2 commits from outside”',
    );
  });

  it('warns of commits from outside, a detour, and merges that wait', () => {
    const plan = planRollback(
      facts({
        checkpoints: [merge(3, 'c', 'd'), merge(1, 'a', 'b')],
        branch: 'gantry/main' as never,
        mergesWaiting: 2,
      }),
    );
    expect(plan.warnings).toEqual([
      'One commit that no lane made is taken back too.',
      'The rollback lands on gantry/main, where merges land at the moment.',
      'Auto-merge is paused until you turn it on. 2 merges wait.',
    ]);
  });

  it('is bound to the state: another head or one more lane is another plan, one lane less is not', () => {
    const withLanes = (...numbers: number[]) =>
      planRollback(facts({ lanesBuiltOn: numbers.map((number) => sampleLane(number)) })).fingerprint;
    expect(fingerprintCovers(withLanes(1, 12), withLanes(1, 12))).toBe(true);
    expect(fingerprintCovers(withLanes(1, 12), withLanes(12))).toBe(true);
    expect(fingerprintCovers(withLanes(1, 12), withLanes())).toBe(true);
    expect(fingerprintCovers(withLanes(1), withLanes(1, 2))).toBe(false);
    const moved = planRollback(facts({ headCommit: commit('e'), history: history('abcde', 'b') })).fingerprint;
    expect(fingerprintCovers(withLanes(), moved)).toBe(false);
    expect(fingerprintCovers('nonsense', withLanes())).toBe(false);
  });
});
