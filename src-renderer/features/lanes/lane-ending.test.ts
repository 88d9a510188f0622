import { expect, test } from 'vitest';
import type { LaneView } from '#shared/contract/views.ts';
import { laneEnding } from './lane-ending.ts';

const lane = (change: Partial<LaneView>): LaneView =>
  ({ end: null, step: 'Running', taskKey: 'T-7', can: { retry: false }, ...change }) as LaneView;
const failed = { kind: 'failed', reason: 'It ended with exit code 3.', run: null } as const;

test('a lane that lives or was merged has no ending to tell', () => {
  expect(laneEnding(lane({}))).toBeNull();
  expect(laneEnding(lane({ end: { kind: 'merged' } }))).toBeNull();
});

test('a failure says what was kept, where, and what to do', () => {
  const step = `${failed.reason} Its work is in \`refs/gantry/saved/lane-1/1\`.`;
  const run = { kind: 'failed', reason: 'exit-code', detail: 'no such model', exitCode: 3, signal: null } as const;
  expect(laneEnding(lane({ end: { ...failed, run }, step, can: { retry: true } as LaneView['can'] }))).toEqual({
    shape: 'failed',
    reason: 'It ended with exit code 3.',
    detail: 'no such model',
    kept: 'Kept are its events, its log, and its work: `git switch -c NAME refs/gantry/saved/lane-1/1` brings that back.',
    next: 'T-7 waits for you: retry it, hand it over, or cancel it.',
  });
});

test('one that was stopped leaves its task to others', () => {
  expect(laneEnding(lane({ end: { kind: 'stopped', reason: 'Stopped by you.' } }))).toMatchObject({
    shape: 'blocked',
    detail: null,
    kept: 'Its events and its log are kept.',
    next: 'T-7 goes on without this lane; Tasks shows where it is.',
  });
});
