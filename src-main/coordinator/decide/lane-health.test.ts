import { describe, expect, it } from 'vitest';
import {
  type LaneHealth,
  laneHealth,
  type LaneHealthFacts,
  lanesToEnd,
  stallGraceMs,
  workerSilentMs,
  workerStartMs,
} from './lane-health.ts';
import { laneId, sampleLane, sampleReport } from './sample.fixture.ts';

const lane = sampleLane(1);
const facts = (change: Partial<LaneHealthFacts>): LaneHealthFacts => ({
  laneId: lane.id,
  connection: 'connected',
  workerStartingSinceMs: null,
  workerHeardAtMs: 100_000,
  report: sampleReport(lane, { lastEventAtMs: 99_000 }),
  asking: false,
  stallMs: 10_000,
  nowMs: 100_000,
  ...change,
});

describe('laneHealth', () => {
  it.each<[string, Partial<LaneHealthFacts>, LaneHealth]>([
    ['runs', {}, 'fine'],
    ['was not seen yet', { report: undefined }, 'fine'],
    ['has ended, says the worker', { report: sampleReport(lane, { state: 'ended' }) }, 'dead'],
    ['cannot be asked about', { connection: 'unreachable' }, 'stale'],
    ['is on a silent worker', { workerHeardAtMs: 100_000 - workerSilentMs - 1 }, 'stale'],
    [
      'was adopted, its worker not found yet',
      { connection: 'starting', workerStartingSinceMs: 99_000, workerHeardAtMs: 0, report: undefined },
      'starting',
    ],
    ['lost its worker a moment ago', { connection: 'starting', workerStartingSinceMs: 100_000 }, 'fine'],
    [
      'lost its worker some seconds ago, which is started again',
      { connection: 'starting', workerStartingSinceMs: 96_000, workerHeardAtMs: 96_000 },
      'starting',
    ],
    [
      'is on a worker that does not come up',
      { connection: 'starting', workerStartingSinceMs: 100_000 - workerStartMs - 1, workerHeardAtMs: 0 },
      'stale',
    ],
    [
      'is quiet too long',
      { report: sampleReport(lane, { lastEventAtMs: 100_000 - 10_001 - stallGraceMs }) },
      'stalled',
    ],
    ['is quiet because it asks', { asking: true, report: sampleReport(lane, { lastEventAtMs: 0 }) }, 'fine'],
    ['is quiet because it is paused', { report: sampleReport(lane, { state: 'paused', lastEventAtMs: 0 }) }, 'fine'],
  ])('a lane that %s', (_, change, health) => {
    expect(laneHealth(facts(change))).toBe(health);
  });
});

describe('lanesToEnd', () => {
  const verdicts = (stalled: number, fine: number) =>
    new Map(
      Array.from({ length: stalled + fine }, (_, index): [ReturnType<typeof laneId>, LaneHealth] => [
        laneId(index + 1),
        index < stalled ? 'stalled' : 'fine',
      ]),
    );

  it.each([
    [1, 0, 1, false],
    [4, 0, 4, false],
    [5, 6, 5, false],
    [5, 5, 0, true],
    [9, 0, 0, true],
    [0, 9, 0, false],
  ])('%i stalled beside %i fine ones: %i are ended', (stalled, fine, ended, heldBack) => {
    const decision = lanesToEnd(verdicts(stalled, fine));
    expect(decision.end).toHaveLength(ended);
    expect(decision.heldBack).toBe(heldBack);
  });
});
