import { expect, it } from 'vitest';
import type { RunReport } from '#shared/contract/worker-protocol.ts';
import { laneIdSchema, runIdSchema } from '#shared/model/ids.ts';
import { runRetention, runsToForget } from './run-retention.ts';
import { sampleLane, sampleReport } from './sample.fixture.ts';

const nowMs = 100 * 86_400_000;
const retention = { ageMsMax: 1_000, bytesMax: 100 };

function ended(name: string, agoMs: number, keptBytes: number): RunReport {
  const laneId = laneIdSchema.parse(`lane-${name.padStart(8, '0')}`);
  const runId = runIdSchema.parse(`run-${name.padStart(8, '0')}`);
  return { ...sampleReport(sampleLane(1)), laneId, runId, state: 'ended', lastEventAtMs: nowMs - agoMs, keptBytes };
}

/** Names of those that go, when all of their lanes are shown. */
function forgotten(runs: RunReport[], shown = new Set(runs.map((run) => run.laneId))): string[] {
  return runsToForget(runs, shown, nowMs, retention).map((runId) => runId.replace(/^run-0*/, ''));
}

it('keeps what is recent and fits', () => {
  expect(forgotten([ended('a', 1_000, 40), ended('b', 0, 60)])).toEqual([]);
});

it('forgets what ended too long ago', () => {
  expect(forgotten([ended('a', 1_001, 1), ended('b', 1_000, 1)])).toEqual(['a']);
});

it('forgets the oldest of what takes too much room, and keeps smaller ones that still fit', () => {
  const runs = [ended('small', 40, 10), ended('large', 30, 50), ended('middle', 20, 60), ended('newest', 10, 30)];
  expect(forgotten(runs)).toEqual(['large']);
});

it('keeps the newest, whatever it takes', () => {
  expect(forgotten([ended('old', 20, 1), ended('huge', 10, 5_000)])).toEqual(['old']);
});

it('forgets those of lanes that are not shown', () => {
  const runs = [ended('a', 20, 1), ended('b', 10, 1)];
  expect(forgotten(runs, new Set([ended('b', 0, 0).laneId]))).toEqual(['a']);
});

it('goes by the output of a worker that does not tell what a run takes', () => {
  const { keptBytes: _, ...older } = ended('older', 20, 0);
  expect(forgotten([{ ...older, outputBytes: 90 }, ended('newer', 10, 20)])).toEqual(['older']);
});

it('has room for many runs of the largest size that the worker keeps', () => {
  expect(runRetention.bytesMax / (96 * 1024 * 1024)).toBeGreaterThan(20);
});
