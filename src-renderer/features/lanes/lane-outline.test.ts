import { expect, test } from 'vitest';
import type { LaneView } from '#shared/contract/views.ts';
import { noLanes, outlineLanes } from './lane-outline.ts';

const lane = (change: Partial<LaneView>): LaneView =>
  ({
    id: 'lane-1',
    number: 1,
    status: 'running',
    agentName: 'Codex',
    title: 'Verify HMAC',
    taskKey: 'T-4',
    ask: null,
    workspace: null,
    endedAtMs: null,
    step: '',
    ...change,
  }) as LaneView;

test('what a lane says does not change its outline', () => {
  const lanes = [lane({})];
  const outlines = outlineLanes(lanes, noLanes);
  expect(outlines).toMatchObject([{ group: 'running', asks: false, words: '1 verify hmac codex t-4 ' }]);
  expect(outlineLanes([lane({ step: 'Thinking' })], { lanes, outlines })).toBe(outlines);
});

test('only the outline of the lane that changed is new', () => {
  const lanes = [lane({}), lane({ id: 'lane-2' as LaneView['id'], number: 2 })];
  const before = { lanes, outlines: outlineLanes(lanes, noLanes) };
  const after = outlineLanes([lane({}), lane({ id: 'lane-2' as LaneView['id'], number: 2, status: 'failed' })], before);
  expect(after[0]).toBe(before.outlines[0]);
  expect(after[1]).toMatchObject({ id: 'lane-2', group: 'failed' });
});

test('a lane that goes or comes makes a new list', () => {
  const lanes = [lane({})];
  const before = { lanes, outlines: outlineLanes(lanes, noLanes) };
  expect(outlineLanes([], before)).toEqual([]);
  expect(outlineLanes([...lanes, lane({ number: 2 })], before)).toHaveLength(2);
});
