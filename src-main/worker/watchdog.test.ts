import { expect, it } from 'vitest';
import { watchdogVerdict, type WatchdogFacts } from './watchdog.ts';

const facts: WatchdogFacts = {
  progressAtMs: 1_000,
  activeMs: 500,
  paused: false,
  waitsForPerson: false,
  stallMs: 100,
  timeoutMs: 1_000,
};

it.each<[string, Partial<WatchdogFacts>, number, ReturnType<typeof watchdogVerdict>]>([
  ['gets on', {}, 1_099, null],
  ['does not get on', {}, 1_100, 'stalled'],
  ['waits for a person', { waitsForPerson: true }, 9_999, null],
  ['is paused', { paused: true, activeMs: 9_999 }, 9_999, null],
  ['takes too long', { activeMs: 1_000 }, 1_001, 'timed-out'],
  ['takes too long while it waits', { activeMs: 1_000, waitsForPerson: true }, 1_001, 'timed-out'],
])('a run that %s', (_what, changed, nowMs, verdict) => {
  expect(watchdogVerdict({ ...facts, ...changed }, nowMs)).toBe(verdict);
});
