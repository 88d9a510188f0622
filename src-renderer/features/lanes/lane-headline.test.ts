import { expect, test } from 'vitest';
import { laneHeadline } from './lane-headline.ts';
import { countGroups } from './lane-outline.ts';

const none = countGroups([]);
const say = (counts: Partial<typeof none>): string => laneHeadline({ ...none, ...counts });

test('says first what waits for the person', () => {
  expect(say({ waiting: 2, failed: 1, running: 13, merged: 17 })).toBe('2 lanes wait for you. 13 run.');
  expect(say({ waiting: 1, running: 1 })).toBe('1 lane waits for you. 1 runs.');
  expect(say({ waiting: 1 })).toBe('1 lane waits for you. Nothing runs.');
  expect(say({ failed: 1, running: 4 })).toBe('1 lane failed. 4 run.');
  expect(say({ ready: 3, queued: 2 })).toBe('3 lanes wait to be merged. 2 queued.');
  expect(say({ stale: 1, running: 2 })).toBe('1 lane does not answer. 2 run.');
});

test('a calm fleet gets a calm sentence', () => {
  expect(say({ running: 3 })).toBe('3 lanes run. Nothing waits for you.');
  expect(say({ running: 1, queued: 2 })).toBe('1 lane runs. 2 queued.');
  expect(say({ paused: 2, merged: 3 })).toBe('2 lanes are paused. Nothing runs.');
  expect(say({ queued: 2, merged: 3 })).toBe('2 lanes wait for a task.');
  expect(say({ merged: 17 })).toBe('All 17 lanes are merged.');
  expect(say({ merged: 2, stopped: 1 })).toBe('2 lanes are merged, 1 stopped.');
  expect(say({})).toBe('No lanes yet.');
});
