import { expect, test } from 'vitest';
import { type TaskView, taskViewSchema } from '#shared/contract/views.ts';
import { GantryError } from '#shared/contract/error.ts';
import { boardLinks, criticalOrigin, linkPath } from './board-links.ts';
import { boardPhases } from './board-phases.ts';
import { lineRange, fileProblems } from '../../app/file-problems.ts';
import { draftOf, emptyDraft, readDraft } from './task-draft.ts';
import { aboutClock, criticalChain, endOf, finishTimes, roughly } from './task-forecast.ts';
import { taskEvidence, taskHeadline } from './task-headline.ts';
import { matchesQuery, timeText, waitsText } from './task-text.ts';

const nowMs = new Date(2025, 10, 21, 14).getTime();
const minuteMs = 60_000;
let order = 0;

function task(key: string, shown: TaskView['shown'], change: Record<string, unknown> = {}): TaskView {
  order += 1;
  const laneId = 'lane-00000001';
  const status =
    shown === 'merged'
      ? { state: 'merged', laneId, atMs: nowMs - 3_600_000 }
      : shown === 'cancelled'
        ? { state: 'cancelled', atMs: nowMs }
        : shown === 'failed'
          ? { state: 'failed', reason: 'tests', laneId, atMs: nowMs }
          : shown === 'running' || shown === 'waiting'
            ? { state: 'claimed', laneId, token: 1, leaseUntilMs: nowMs }
            : { state: 'open' };
  return taskViewSchema.parse({
    id: `parcel:${key}`,
    projectId: 'parcel',
    key,
    title: `Work ${key}`,
    prompt: 'Do it.',
    order,
    attempts: 0,
    status,
    createdAtMs: nowMs,
    shown,
    waitsFor: [],
    laneId: null,
    laneNumber: null,
    agentShort: null,
    critical: false,
    durationMs: 30 * minuteMs,
    startedAtMs: shown === 'running' || shown === 'waiting' ? nowMs - 10 * minuteMs : null,
    note: null,
    ...change,
  });
}

const plan = [
  task('T-1', 'merged', { phase: 'First' }),
  task('T-2', 'waiting', { phase: 'Second', dependsOn: ['T-1'], critical: true }),
  task('T-3', 'ready', { phase: 'Second', priority: 1 }),
  task('T-4', 'blocked', { phase: 'Third', dependsOn: ['T-2', 'T-3'], waitsFor: ['T-2', 'T-3'], critical: true }),
];

test('the sentence says when the plan ends and what it asks of the person', () => {
  expect(taskHeadline(plan, nowMs)).toBe('The plan finishes about 15:00 if you answer T-2 now.');
  expect(taskEvidence(plan)).toBe(
    '1 of 4 tasks is done. The 2 tasks of the critical path decide the end; 1 more is ready for a lane.',
  );
  expect(taskHeadline([task('A', 'waiting', { durationMs: null })], nowMs)).toBe('A waits for you.');
  expect(taskHeadline([task('A', 'failed'), task('B', 'running')], nowMs)).toBe('A failed and waits for you.');
  expect(taskHeadline([task('A', 'ready'), task('B', 'ready')], nowMs)).toBe(
    '2 tasks are ready. No lane works on them.',
  );
  expect(
    taskHeadline([task('A', 'running', { durationMs: null }), task('B', 'ready', { durationMs: null })], nowMs),
  ).toBe('1 task runs. 1 to come.');
  expect(taskHeadline([task('A', 'running')], nowMs)).toBe('The plan finishes about 14:20.');
  expect(taskHeadline([task('A', 'merged'), task('B', 'merged')], nowMs)).toBe('All 2 tasks are merged.');
  expect(taskHeadline([task('A', 'merged'), task('B', 'cancelled')], nowMs)).toBe('1 task is merged, 1 cancelled.');
  expect(taskHeadline([], nowMs)).toBe('No tasks yet.');
});

test('the forecast follows dependencies, and says nothing where an estimate is missing', () => {
  const finish = finishTimes(plan, nowMs);
  expect([...finish].map(([key, at]) => [key, (at - nowMs) / minuteMs])).toEqual([
    ['T-2', 20],
    ['T-3', 30],
    ['T-4', 60],
  ]);
  expect(endOf(plan, finish)).toBe(nowMs + 60 * minuteMs);
  const unknown = [task('A', 'ready', { durationMs: null }), task('B', 'blocked', { dependsOn: ['A'] })];
  expect(finishTimes(unknown, nowMs).size).toBe(0);
  expect(endOf(unknown, new Map())).toBeNull();
  const circle = [task('A', 'blocked', { dependsOn: ['B'] }), task('B', 'blocked', { dependsOn: ['A'] })];
  expect(finishTimes(circle, nowMs).size).toBe(0);
  expect(aboutClock(nowMs + 3 * 3_600_000 + 1, nowMs)).toBe('17:05');
  expect([roughly(40_000), roughly(45 * minuteMs), roughly(120 * minuteMs), roughly(100 * minuteMs)]).toEqual([
    '40 s',
    '45 min',
    '2 h',
    '1 h 40 min',
  ]);
});

test('the critical path stands in the order in which it is done', () => {
  expect(criticalChain(plan.toReversed()).map((each) => each.key)).toEqual(['T-2', 'T-4']);
  expect(criticalOrigin(plan)).toBe('T-1');
  expect(boardLinks(plan)).toEqual([
    { from: 'T-1', to: 'T-2', critical: true },
    { from: 'T-2', to: 'T-4', critical: true },
    { from: 'T-3', to: 'T-4', critical: false },
  ]);
  expect(boardLinks(plan.slice(0, 2))).toEqual([]);
});

test('lines bend around cards of one column and between columns', () => {
  const from = { left: 100, right: 300, middle: 50 };
  expect(linkPath(from, { left: 100, right: 300, middle: 150 }, true).line).toBe('M100 60H96q-8 0 -8 8V142q0 8 8 8H99');
  expect(linkPath(from, { left: 400, right: 600, middle: 50 }, true).line).toBe('M300 50H400');
  expect(linkPath(from, { left: 400, right: 600, middle: 20 }, true).line).toContain('V28');
});

test('phases are columns in order of appearance; what is done is folded', () => {
  const phases = boardPhases(plan, finishTimes(plan, nowMs), new Set(), nowMs);
  expect(phases.map(({ number, title, done, total, end, over }) => [number, title, done, total, end, over])).toEqual([
    [1, 'First', 1, 1, 'done 13:00', true],
    [2, 'Second', 0, 2, 'about 14:30', false],
    [3, 'Third', 0, 1, 'about 15:00', false],
  ]);
  expect(phases[1]?.buckets.map(({ bucket, count }) => [bucket, count])).toEqual([
    ['waiting', 1],
    ['ready', 1],
  ]);
  const [single] = boardPhases([task('A', 'merged'), task('B', 'ready')], new Map(), new Set(), nowMs);
  expect(single).toMatchObject({ number: null, title: 'Tasks' });
  expect(single?.buckets.find(({ bucket }) => bucket === 'done')).toMatchObject({ folded: true, shown: [] });
  const [opened] = boardPhases([task('A', 'merged'), task('B', 'ready')], new Map(), new Set(['/done']), nowMs);
  expect(opened?.buckets.find(({ bucket }) => bucket === 'done')?.folded).toBe(false);
});

test('a crowded board shows a few of each bucket, and always what is critical', () => {
  const many = Array.from({ length: 30 }, (_, at) => task(`B-${at}`, 'blocked', { critical: at === 29 }));
  const bucketOf = (toggled: ReadonlySet<string>) => boardPhases(many, new Map(), toggled, nowMs)[0]?.buckets[0];
  expect(bucketOf(new Set())?.shown.map((each) => each.key)).toEqual(['B-0', 'B-29']);
  expect(bucketOf(new Set())?.hidden).toBe(28);
  expect(bucketOf(new Set(['/blocked']))?.hidden).toBe(0);
});

test('cards say how far they are and what they wait for', () => {
  expect(timeText(task('A', 'running'), nowMs)).toBe('10 of 30 min');
  expect(timeText(task('A', 'running', { durationMs: null }), nowMs)).toBe('10 min');
  expect(timeText(task('A', 'ready'), nowMs)).toBe('30 min');
  expect(timeText(task('A', 'ready', { durationMs: null }), nowMs)).toBe('');
  expect(timeText(task('A', 'gating', { note: 'gate 4 of 6' }), nowMs)).toBe('gate 4 of 6');
  expect(waitsText(task('A', 'blocked', { waitsFor: ['B', 'C', 'D', 'E'] }))).toBe('waits for B, C, D and 1 more');
  expect(matchesQuery(task('T-9', 'ready', { paths: ['src/api.ts'] }), 't-9 API')).toBe(true);
  expect(matchesQuery(task('T-9', 'ready'), 'webhook')).toBe(false);
});

test('a form says what is wrong field by field', () => {
  const known = new Set(['T-1', 'T-2']);
  expect(readDraft({ ...emptyDraft, key: 'T-1', dependsOn: 'T-9' }, known, null)).toEqual({
    ok: false,
    problems: {
      title: 'Write what is to be done, in a few words.',
      key: 'T-1 exists already. Choose another key.',
      dependsOn: 'T-9 is not a task of this project.',
    },
  });
  const own = readDraft({ ...emptyDraft, title: 'x', dependsOn: 'T-1' }, known, plan[0]?.key ?? null);
  expect(own).toMatchObject({ ok: false, problems: { dependsOn: 'A task cannot wait for itself.' } });
  expect(
    readDraft({ ...emptyDraft, title: ' Do it ', dependsOn: 'T-1, T-2', paths: 'a.ts, b c.ts' }, known, null),
  ).toEqual({
    ok: true,
    spec: {
      title: 'Do it',
      prompt: '',
      dependsOn: ['T-1', 'T-2'],
      priority: 3,
      phase: '',
      paths: ['a.ts', 'b c.ts'],
      agent: null,
      gate: null,
    },
  });
  const [, second] = plan;
  if (second === undefined) throw new Error('there is a second task');
  expect(readDraft(draftOf(second), new Set(['T-1']), second.key)).toMatchObject({
    ok: true,
    spec: { phase: 'Second' },
  });
});

test('the problems of a plan keep their places', () => {
  const data = [{ kind: 'value', file: 'plan.yaml', line: 2, column: 5, message: 'Expected text.' }];
  expect(fileProblems(new GantryError('invalid-plan', 'no', { data }))).toEqual([
    { line: 2, column: 5, message: 'Expected text.' },
  ]);
  expect(fileProblems(new GantryError('internal', 'no'))).toEqual([]);
  expect(fileProblems(new Error('no'))).toEqual([]);
  expect(lineRange('a\nbcd\ne', 2)).toEqual({ start: 2, end: 5 });
  expect(lineRange('a', 9)).toEqual({ start: 1, end: 1 });
});
