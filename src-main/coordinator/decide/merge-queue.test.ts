import { describe, expect, it } from 'vitest';
import {
  mergeWaitMsMax,
  nextMerge,
  orderMerges,
  reworkWaitMsMax,
  waitingForRework,
  type MergeQueueFacts,
} from './merge-queue.ts';
import { decideAfterRejection, decideLanding, describeRejection } from './merge-step.ts';
import { commit, laneId, sampleMerge, sampleProject, sampleTask } from './sample.fixture.ts';

const a = sampleMerge('a', { laneId: laneId(1), queuedAtMs: 1 });
const b = sampleMerge('b', { laneId: laneId(2), queuedAtMs: 2 });
const c = sampleMerge('c', { laneId: laneId(3), queuedAtMs: 3 });
const tasks = new Map(['a', 'b', 'c'].map((key) => [sampleTask(key).id, sampleTask(key)]));
const facts = (change: Partial<MergeQueueFacts> = {}): MergeQueueFacts => ({
  project: sampleProject,
  merges: [c, a, b],
  tasks,
  collisions: new Map(),
  reworks: new Map(),
  heldBack: new Set(),
  notBeforeMs: new Map(),
  nowMs: 10,
  ...change,
});

describe('orderMerges', () => {
  it('takes the oldest first where nothing else speaks', () => {
    expect(orderMerges(facts())).toEqual([a, b, c]);
  });

  it('lets go first what collides with the fewest lanes, until something has waited too long', () => {
    const collide = (...others: number[]) =>
      others.map((number) => ({ laneId: laneId(number), laneNumber: number, path: 'x' }));
    const collisions = new Map([
      [laneId(1), collide(2, 3)],
      [laneId(2), collide(1)],
      [laneId(3), collide(1)],
    ]);
    expect(orderMerges(facts({ collisions }))).toEqual([b, c, a]);
    expect(orderMerges(facts({ collisions, nowMs: mergeWaitMsMax + 2 }))[0]).toBe(a);
  });

  it('goes on with what has begun, and prefers what a person approved', () => {
    expect(orderMerges(facts({ merges: [a, { ...b, stage: 'gating' }] }))[0]?.id).toBe(b.id);
    expect(orderMerges(facts({ merges: [a, { ...b, approved: true }] }))[0]?.id).toBe(b.id);
  });
});

describe('waitingForRework', () => {
  const underWay = [{ reworks: 1, conflictPaths: ['shared.txt'] }];
  const candidate = (merge: typeof a, reworks: number, ...changedPaths: string[]) => ({ merge, reworks, changedPaths });

  it('holds back what would make a rework vain, and nothing else', () => {
    const candidates = [
      candidate(a, 0, 'shared.txt', 'a.txt'),
      candidate(b, 0, 'b.txt'),
      candidate(c, 1, 'shared.txt'),
      candidate(sampleMerge('d', { approved: true }), 0, 'shared.txt'),
    ];
    expect([...waitingForRework(candidates, underWay, 10)]).toEqual([a.id]);
    expect(waitingForRework(candidates, [], 10).size).toBe(0);
    expect(waitingForRework(candidates, underWay, reworkWaitMsMax + 2).size).toBe(0);
  });

  it('lets land first what came back most often', () => {
    expect(orderMerges(facts({ reworks: new Map([[c.laneId, 1]]) }))).toEqual([c, a, b]);
    expect(nextMerge(facts({ heldBack: new Set([a.id]) }))).toBe(b);
  });
});

describe('nextMerge', () => {
  it('waits for an approval while auto-merge is off', () => {
    const project = { ...sampleProject, autoMerge: false };
    expect(nextMerge(facts({ project }))).toBeNull();
    expect(nextMerge(facts({ project, merges: [a, { ...b, approved: true }] }))?.id).toBe(b.id);
    expect(nextMerge(facts({ project, merges: [{ ...a, stage: 'landing' }] }))?.id).toBe(a.id);
  });

  it('lets one rest whose target kept moving', () => {
    expect(nextMerge(facts({ notBeforeMs: new Map([[a.id, 11]]) }))).toBe(b);
  });
});

describe('after a rejection', () => {
  const conflict = {
    kind: 'conflict',
    conflicts: [
      { path: 'a.ts', hunk: '' },
      { path: 'b.ts', hunk: '' },
    ],
  } as const;

  it('says in a sentence why', () => {
    expect(describeRejection({ ...conflict, conflicts: [...conflict.conflicts] })).toBe(
      'Conflicts with the target in a.ts and 1 more.',
    );
    expect(describeRejection({ kind: 'gate', gate: 'tests', detail: 'It ended with exit code 1.' })).toBe(
      'Gate failed: tests. It ended with exit code 1.',
    );
  });

  it('goes back to its lane until that has had enough tries', () => {
    const rejection = { ...conflict, conflicts: [...conflict.conflicts] };
    expect(decideAfterRejection(rejection, { reworks: 1 }, sampleProject)).toMatchObject({
      kind: 'rework',
      leaseMs: 30_000,
    });
    expect(decideAfterRejection(rejection, { reworks: 2 }, sampleProject).kind).toBe('fail');
  });
});

describe('decideLanding', () => {
  it.each([
    ['the branch has the merge', { branchHead: commit('d'), containsMerge: true }, 'land'],
    ['the branch is where it was', { branchHead: commit('a'), containsMerge: false }, 'move'],
    ['the branch does not exist yet', { branchHead: null, containsMerge: false }, 'move'],
    ['somebody else moved it', { branchHead: commit('e'), containsMerge: false }, 'requeue'],
  ] as const)('%s', (_, change, decision) => {
    expect(decideLanding({ targetCommit: commit('a'), ...change })).toBe(decision);
  });
});
