import { expect, test } from 'vitest';
import {
  type Checkpoint,
  checkpointSchema,
  type Rollback,
  type RollbackPlan,
  rollbackSchema,
} from '#shared/model/checkpoint.ts';
import type { LaneId } from '#shared/model/ids.ts';
import { dayTitle } from '../../app/day-text.ts';
import { type Rollout, rolloutSchema } from '#shared/model/service.ts';
import { serviceSpecSchema } from '#shared/model/service-spec.ts';
import { deployFacts } from './deploy-facts.ts';
import { gutterPaths } from './git-gutter.ts';
import {
  commitTitle,
  filesText,
  joined,
  planIsOutdated,
  planObject,
  planTitle,
  serviceNote,
  warningParts,
} from './plan-words.ts';
import { timelineEntries } from './timeline-entry.ts';
import { timelineHeadline } from './timeline-headline.ts';
import { timelineRows } from './timeline-rows.ts';

const noonMs = new Date(2025, 10, 21, 12).getTime();
const full = (commit: string): string => commit.padEnd(40, '0');

function checkpoint(number: number, change: Record<string, unknown> = {}): Checkpoint {
  return checkpointSchema.parse({
    id: `checkpoint-${String(number).padStart(8, '0')}`,
    projectId: 'parcel',
    number,
    kind: 'merge',
    label: `Work ${number}`,
    branch: 'main',
    beforeCommit: full(`a${number - 1}`),
    afterCommit: full(`a${number}`),
    taskId: `parcel:T-${number}`,
    laneId: `lane-${String(number).padStart(8, '0')}`,
    rollbackId: null,
    serviceId: null,
    rolloutId: null,
    changes: { files: 2, added: 5, removed: 1 },
    tasksByState: { open: '1-2' },
    revisions: {},
    undoneBy: null,
    atMs: noonMs + number * 60_000,
    ...change,
  });
}

function rollback(change: Record<string, unknown> = {}): Rollback {
  return rollbackSchema.parse({
    id: 'rollback-00000003',
    projectId: 'parcel',
    number: 3,
    checkpointId: 'checkpoint-00000001',
    stage: 'done',
    branch: 'main',
    beforeCommit: full('a2'),
    afterCommit: full('b3'),
    taskIds: ['parcel:T-2'],
    services: [],
    detail: null,
    startedAtMs: noonMs,
    endedAtMs: noonMs + 800,
    ...change,
  });
}

function plan(change: Partial<RollbackPlan> = {}): RollbackPlan {
  const first = checkpoint(1);
  return {
    projectId: first.projectId,
    checkpointId: first.id,
    title: 'Roll back to after T-1',
    branch: first.branch,
    headCommit: full('a3') as RollbackPlan['headCommit'],
    toCommit: full('a1') as RollbackPlan['toCommit'],
    commits: [],
    files: { count: 0, added: 0, removed: 0, sample: [] },
    lanes: [],
    tasks: [],
    services: [],
    warnings: [],
    computedAtMs: noonMs,
    fingerprint: 'f',
    ...change,
  };
}

function planCommit(taskKey: string | null, subject: string): RollbackPlan['commits'][number] {
  return { commit: full('a3'), taskKey, subject, files: 1 } as RollbackPlan['commits'][number];
}

test('entries say what happened, newest first', () => {
  const lanes = new Map([['lane-00000002' as LaneId, { agentName: 'Codex', baseCommit: null }]]);
  const entries = timelineEntries(
    [
      checkpoint(2, { undoneBy: 'rollback-00000003' }),
      checkpoint(3, {
        kind: 'rollback',
        label: 'Rolled back to Work 1',
        rollbackId: 'rollback-00000003',
        taskId: null,
        changes: null,
      }),
      checkpoint(4, { kind: 'manual', label: 'before tea', taskId: null, changes: null }),
      checkpoint(1, { afterCommit: null }),
    ],
    [rollback()],
    lanes,
  );
  expect(entries.map(({ name, title, facts, undoneBy }) => ({ name, title, facts, undoneBy }))).toEqual([
    { name: 'you', title: 'Checkpoint “before tea”', facts: ['2 tasks'], undoneBy: null },
    { name: 'R-3', title: 'Rolled back to Work 1, T-2 reverted', facts: ['1 task reopened', '0.8 s'], undoneBy: null },
    { name: 'T-2', title: 'Work 2', facts: ['Codex', '2 files'], undoneBy: 'R-3' },
    { name: 'T-1', title: 'Work 1', facts: ['2 files'], undoneBy: null },
  ]);
  expect(entries[1]?.undo?.name).toBe('R-3');
  expect(entries[3]?.commit).toBeNull();
});

test('a rollback of services is called by what went back', () => {
  const titleWith = (...services: object[]): string | undefined =>
    timelineEntries(
      [checkpoint(3, { kind: 'rollback', label: 'Rolled back to Deploy api', rollbackId: 'rollback-00000003' })],
      [rollback({ services, taskIds: services.length > 1 ? [] : ['parcel:T-2'] })],
      new Map(),
    )[0]?.title;
  const back = (name: string) => ({
    serviceId: `parcel/main/${name}`,
    fromRevision: 5,
    toRevision: 4,
    rolloutId: null,
  });
  expect(titleWith(back('billing'))).toBe('Rolled back billing to revision 4, T-2 reverted');
  expect(titleWith(back('billing'), back('api'))).toBe('Rolled back 2 services');
});

test('a rollback that was undone offers no undo', () => {
  const [entry] = timelineEntries(
    [checkpoint(3, { kind: 'rollback', rollbackId: 'rollback-00000003' })],
    [rollback({ stage: 'undone' })],
    new Map(),
  );
  expect(entry?.undo).toBeNull();
  expect(entry?.facts).toContain('taken back');
});

test('the sentence counts today and says what the last rollback allows', () => {
  const entries = timelineEntries([checkpoint(1), checkpoint(2)], [], new Map());
  expect(timelineHeadline(entries, [], noonMs)).toBe('2 checkpoints today. One click rolls back to any of them.');
  expect(timelineHeadline(entries.slice(0, 1), [], noonMs)).toBe('1 checkpoint today. One click rolls back to it.');
  expect(timelineHeadline(entries.slice(0, 1), [rollback()], noonMs)).toBe(
    '1 checkpoint today. The last rollback can be undone.',
  );
  expect(timelineHeadline(entries, [rollback({ stage: 'reverting' })], noonMs)).toBe(
    '2 checkpoints today. R-3 is rolling back.',
  );
  expect(timelineHeadline(entries, [rollback({ stage: 'undoing' })], noonMs)).toBe(
    '2 checkpoints today. R-3 is being taken back.',
  );
  expect(timelineHeadline(entries, [rollback({ stage: 'undone' })], noonMs + 86_400_000)).toBe(
    '2 checkpoints, none of them today. One click rolls back to any of them.',
  );
});

test('rows stand under their days', () => {
  const entries = timelineEntries([checkpoint(1), checkpoint(2, { atMs: noonMs + 86_400_000 })], [], new Map());
  const rows = timelineRows(entries, (atMs) => dayTitle(atMs, noonMs));
  expect(rows.map((row) => (row.kind === 'day' ? row.title : row.middlePx))).toEqual([
    'Saturday, 22 November',
    53,
    'Friday, 21 November',
    130,
  ]);
});

test('the graph draws what the plan takes back apart, short lanes inside', () => {
  const row = (at: number, commit: string, baseCommit: string | null, gone = false) => ({
    middlePx: 24 + at * 48,
    commit,
    baseCommit,
    gone,
  });
  const rows = [row(0, 'e', 'b', true), row(1, 'd', 'c', true), row(2, 'c', null), row(3, 'b', 'old')];
  const paths = gutterPaths(rows, 2, 200);
  expect(paths.slice(0, 2)).toEqual([
    { kind: 'main', gone: false, path: 'M14 120V200' },
    { kind: 'main', gone: true, path: 'M14 24V120' },
  ]);
  const lanes = paths.slice(2);
  expect(lanes.map(({ gone }) => gone)).toEqual([true, false, true]);
  expect(lanes[0]?.path).toBe('M14 72C16 88 30 78 30 96V96C30 114 16 104 14 120');
  expect(lanes[1]?.path).toContain('C16 184 30 174 30 192');
  expect(lanes[2]?.path).toContain('44');
  expect(gutterPaths([], null, 0)).toEqual([]);
});

test('a plan says its object, title and files in words', () => {
  const mixed = plan({ commits: [planCommit('T-3', 'Merge T-3: Cache'), planCommit(null, 'Fix by hand')] });
  expect(planObject(mixed)).toBe('1 merge and 1 commit');
  expect(planObject(plan({ commits: [planCommit('T-3', 's'), planCommit('T-2', 's')] }))).toBe('2 merges');
  expect(mixed.commits.map(commitTitle)).toEqual(['Cache', 'Fix by hand']);
  expect(planTitle({ atMs: noonMs }, plan())).toBe('Roll back to 12:00, after T-1');
  expect(planTitle({ atMs: noonMs }, null)).toBe('Roll back to 12:00');
  expect(filesText({ count: 24, added: 1, removed: 1, sample: ['src/a.ts', 'src/b.ts'] })).toBe('src/a.ts and 23 more');
  expect(filesText({ count: 1, added: 1, removed: 1, sample: ['src/a.ts'] })).toBe('src/a.ts');
});

test('a warning begins with its weight', () => {
  expect(warningParts('Auto-merge is paused until you turn it on. 2 merges wait.')).toEqual({
    weighty: 'Auto-merge is paused',
    rest: ' until you turn it on. 2 merges wait.',
  });
  expect(warningParts('One commit goes too.')).toEqual({ weighty: 'One commit goes too.', rest: '' });
});

test('a plan is outdated once the branch has another commit', () => {
  const later = { atMs: noonMs + 1 };
  expect(planIsOutdated(plan(), [checkpoint(4, later)])).toBe(true);
  expect(planIsOutdated(plan(), [checkpoint(4, { ...later, afterCommit: null })])).toBe(false);
  expect(planIsOutdated(plan(), [checkpoint(4, { ...later, branch: 'next' })])).toBe(false);
  expect(planIsOutdated(plan(), [checkpoint(4, { atMs: noonMs - 1 })])).toBe(false);
});

const deployed = { kind: 'deploy', label: 'Deploy api', taskId: null, laneId: null, changes: null } as const;
const ofApi = { serviceId: 'parcel/main/api', rolloutId: 'rollout-abcdefgh' } as const;

function rollout(change: Record<string, unknown> = {}): Rollout {
  return rolloutSchema.parse({
    id: ofApi.rolloutId,
    serviceId: ofApi.serviceId,
    projectId: 'parcel',
    number: 7,
    kind: 'deploy',
    fromRevision: 14,
    toRevision: 15,
    policy: serviceSpecSchema.shape.update.parse({ strategy: 'canary' }),
    stage: { name: 'ended', outcome: 'succeeded', detail: '' },
    progressAtMs: noonMs,
    paused: null,
    promoted: false,
    failures: 0,
    decisions: [],
    checkpointId: null,
    origin: { kind: 'person' },
    startedAtMs: noonMs,
    endedAtMs: noonMs + 41_000,
    keepPreviousUntilMs: null,
    ...change,
  });
}

test('a deploy stands under the name of its service', () => {
  const [entry] = timelineEntries([checkpoint(2, { ...deployed, ...ofApi })], [], new Map());
  expect(entry).toMatchObject({ kind: 'deploy', name: 'api', title: 'Deploy api', deploy: ofApi, baseCommit: null });
});

test('a deploy says what it was and how it went', () => {
  const spec = serviceSpecSchema.parse({
    name: 'api',
    image: { kind: 'image', reference: 'parcel/api' },
    mode: { kind: 'replicated', replicas: 3 },
  });
  expect(deployFacts(rollout(), { spec })).toEqual(['3 replicas', 'canary', '41.0 s']);
  expect(deployFacts(rollout({ stage: { name: 'shifting', step: 0, sinceMs: 1 }, endedAtMs: null }), null)).toEqual([
    'canary at 10 %',
    'under way',
  ]);
  const paused = { because: 'failure', detail: 'limits', sinceMs: 1 };
  expect(deployFacts(rollout({ stage: { name: 'starting' }, endedAtMs: null, paused }), null)).toContain(
    'waits for you',
  );
  const failed = { name: 'ended', outcome: 'failed', detail: 'api.4 ended with exit code 137.' };
  expect(deployFacts(rollout({ stage: failed }), null)).toContain('failed: api.4 ended with exit code 137.');
});

test('a plan names the deploys that it takes back, and a later deploy outdates it', () => {
  const service = {
    ...ofApi,
    name: 'api',
    fromRevision: 15,
    toRevision: 14,
    strategy: 'rolling',
    note: null,
  } as unknown as RollbackPlan['services'][number];
  expect(planObject(plan({ commits: [planCommit('T-3', 's')], services: [service, service] }))).toBe(
    '1 merge and 2 deploys',
  );
  expect(planObject(plan({ services: [service] }))).toBe('1 deploy');
  expect(joined(['a', 'b', 'c'])).toBe('a, b and c');
  expect(serviceNote(service)).toEqual({ what: null, how: 'rolling' });
  expect(serviceNote({ ...service, note: '3 replicas' })).toEqual({ what: '3 replicas', how: 'rolling' });
  expect(serviceNote({ ...service, note: 'its replicas still run: traffic in 2 s' })).toEqual({
    what: 'its replicas still run',
    how: 'traffic in 2 s',
  });
  const sameCommit = { afterCommit: full('a3'), beforeCommit: full('a3'), atMs: noonMs + 1 };
  expect(planIsOutdated(plan(), [checkpoint(4, { ...deployed, ...ofApi, ...sameCommit })])).toBe(true);
});
