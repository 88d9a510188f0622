import { expect, test } from 'vitest';
import { recentState } from './recent-state.ts';

const idle = {
  lanesWaiting: 0,
  lanesLive: 0,
  lanesRunning: 0,
  tasks: 0,
  tasksMerged: 0,
  tasksFailed: 0,
  tasksOpen: 0,
  mergeQueue: 0,
};
const now = new Date(2026, 10, 21, 14, 0).getTime();
const project = (counts: Partial<typeof idle>, openedAtMs = now) => ({
  available: true,
  unavailableBecause: null,
  counts: { ...idle, ...counts },
  openedAtMs,
});

test('says first what waits, then what runs, then what is open', () => {
  expect(recentState(project({ lanesWaiting: 1, lanesLive: 3 }), now)).toEqual({
    shape: 'waiting',
    text: '1 lane needs input',
  });
  expect(recentState(project({ lanesLive: 21 }), now).text).toBe('21 lanes live');
  expect(recentState(project({ tasksOpen: 3 }), now).text).toBe('3 tasks open');
});

test('says when an idle one was opened', () => {
  expect(recentState(project({}), now).text).toBe('opened today');
  expect(recentState(project({}, now - 86_400_000), now).text).toBe('opened yesterday');
  expect(recentState(project({}, new Date(2026, 10, 14, 9, 0).getTime()), now).text).toBe('opened 14 November');
});

test('says why one cannot be used', () => {
  const gone = { ...project({}), available: false, unavailableBecause: 'its folder is gone' };
  expect(recentState(gone, now)).toEqual({ shape: 'failed', text: 'its folder is gone' });
});
