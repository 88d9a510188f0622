import { expect, test } from 'vitest';
import type { LaneGroup } from './lane-group.ts';
import type { LaneOutline } from './lane-outline.ts';
import { heldRows, type LaneFilter, laneRows } from './lane-rows.ts';

const lane = (number: number, group: LaneGroup, words = '', endedAtMs: number | null = null): LaneOutline => ({
  id: `lane-${number}`,
  number,
  group,
  asks: false,
  endedAtMs,
  words,
});
const all: LaneFilter = { groups: new Set(), query: '' };
const keys = (rows: readonly { key: string }[]): string[] => rows.map((row) => row.key);

test('groups stand in order of need, lanes by number, what is over by its end', () => {
  const lanes = [
    lane(4, 'merged', '', 50),
    lane(1, 'running'),
    lane(9, 'waiting'),
    lane(3, 'merged', '', 90),
    lane(0, 'running'),
  ];
  expect(keys(laneRows(lanes, all, new Set()))).toEqual([
    'group waiting',
    'lane-9',
    'group running',
    'lane-0',
    'lane-1',
    'group merged',
    'lane-3',
    'lane-4',
  ]);
});

test('a closed group keeps its head, and opens when it is filtered for', () => {
  const lanes = [lane(1, 'running'), lane(2, 'merged')];
  const closed = new Set<LaneGroup>(['merged']);
  expect(keys(laneRows(lanes, all, closed))).toEqual(['group running', 'lane-1', 'group merged']);
  expect(keys(laneRows(lanes, { groups: closed, query: '' }, closed))).toEqual(['group merged', 'lane-2']);
});

test('the text filter wants all of its words', () => {
  const lanes = [lane(1, 'running', 'verify hmac codex'), lane(2, 'running', 'verify fonts')];
  expect(keys(laneRows(lanes, { groups: new Set(), query: 'Verify co' }, new Set()))).toEqual([
    'group running',
    'lane-1',
  ]);
});

test('nothing moves under the hand', () => {
  const before = laneRows([lane(1, 'running'), lane(2, 'running')], all, new Set());
  const wanted = laneRows([lane(2, 'waiting'), lane(1, 'running'), lane(5, 'running')], all, new Set());
  expect(keys(heldRows(before, wanted))).toEqual(['group running', 'lane-1', 'lane-2', 'lane-5']);
});

test('while rows are held, a new head takes the place of the one whose lanes it took over', () => {
  const before = laneRows([lane(1, 'queued'), lane(2, 'queued')], all, new Set());
  const wanted = laneRows([lane(1, 'running'), lane(2, 'running'), lane(3, 'queued')], all, new Set());
  expect(keys(heldRows(before, laneRows([lane(1, 'running'), lane(2, 'running')], all, new Set())))).toEqual([
    'group running',
    'lane-1',
    'lane-2',
  ]);
  // The old head stays while it has lanes: then there is no place for another.
  expect(keys(heldRows(before, wanted))).toEqual(['group queued', 'lane-1', 'lane-2', 'lane-3']);
});

test('while rows are held, lanes that go into a folded group leave its head behind', () => {
  const before = laneRows([lane(1, 'running')], all, new Set(['merged']));
  const wanted = laneRows([lane(1, 'merged')], all, new Set(['merged']));
  expect(keys(heldRows(before, wanted))).toEqual(['group merged']);
});
