import { expect, it } from 'vitest';
import { ElectionPace } from './election-pace.ts';

const limits = { tickMs: 20, electionTicksMin: 8, electionTicksMax: 50 };

it('waits the minimum while the leader is heard in time', () => {
  const pace = new ElectionPace(limits, 0);
  pace.sawSilence(45);
  expect(pace.tick(20)).toBeNull();
  expect(pace.electionTicks).toBe(8);
});

it('waits three times the longest silence, within its bounds, and says so when it grows', () => {
  const pace = new ElectionPace(limits, 0);
  pace.sawSilence(120);
  expect(pace.tick(0)).toBe(18);
  expect(pace.tick(0)).toBeNull();
  pace.sawSilence(5_000);
  expect(pace.tick(0)).toBe(50);
});

it('forgets over a minute', () => {
  const pace = new ElectionPace(limits, 0);
  pace.sawSilence(200);
  expect(pace.tick(0)).toBe(30);
  pace.tick(60_000);
  expect(pace.electionTicks).toBe(8);
});
