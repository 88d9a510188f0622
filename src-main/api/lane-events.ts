/** The events of a lane over all its runs, as a pull: nothing is read faster than it is shown. */
import { toDisposable } from '#shared/base/disposable.ts';
import type { ItemOf, ParsedInputOf } from '#shared/contract/contract.ts';
import type { JournalEntry } from '#shared/model/agent-event.ts';
import type { LaneId, RunId } from '#shared/model/ids.ts';
import type { WorkerPort } from '../ports/worker.ts';
import type { LaneRuns } from './lane-runs.ts';

type Batch = readonly ItemOf<'lane.events'>[];

/** So many entries wait here for a slow reader; then following stops until it has caught up. */
const waitingMax = 1_000;
const batchMax = 200;

/** Yields from after the given place, goes on with later runs, and ends when the lane is over. */
export async function* laneEvents(
  runs: LaneRuns,
  worker: WorkerPort,
  input: ParsedInputOf<'lane.events'>,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  let runId = input.runId ?? runs.after(input.laneId, null);
  let afterSeq = input.runId === null ? 0 : input.afterSeq;
  while (!signal.aborted) {
    if (runId !== null) {
      yield* runEvents(worker, runId, afterSeq, signal);
      if (signal.aborted) return;
    }
    runId = await nextRun(runs, input.laneId, runId, signal);
    if (runId === null) return;
    afterSeq = 0;
  }
}

/** Waits for the run after `runId`; null when the lane is over without one, or on abort. */
async function nextRun(
  runs: LaneRuns,
  laneId: LaneId,
  runId: RunId | null,
  signal: AbortSignal,
): Promise<RunId | null> {
  while (!signal.aborted) {
    // Asked before looking: a run that begins in between is found, one that cannot come is not waited for.
    const isOver = runs.isOver(laneId);
    const changed = runs.change(laneId, signal);
    const next = runs.after(laneId, runId);
    if (next !== null || isOver) return next;
    await changed;
  }
  return null;
}

/** One run's entries up to its end. */
async function* runEvents(
  worker: WorkerPort,
  runId: RunId,
  afterSeq: number,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const waiting: JournalEntry[] = [];
  let readTo = afterSeq;
  let wake: () => void = () => undefined;
  const follow = () =>
    worker.follow(runId, readTo, (entries) => {
      // After an overflow the rest is read again from the journal, so it may be left out here.
      for (const entry of entries) {
        if (waiting.length < waitingMax && entry.seq === readTo + 1) {
          waiting.push(entry);
          readTo = entry.seq;
        }
      }
      wake();
    });
  let following = follow();
  const aborted = (): void => wake();
  signal.addEventListener('abort', aborted);
  const cleanUp = toDisposable(() => {
    following.dispose();
    signal.removeEventListener('abort', aborted);
  });
  try {
    while (!signal.aborted) {
      const wasFull = waiting.length >= waitingMax;
      if (wasFull) following.dispose();
      while (waiting.length > 0) {
        const entries = waiting.splice(0, batchMax);
        yield entries.map((entry) => ({ runId, entry }));
        if (entries.at(-1)?.event.type === 'end' || signal.aborted) return;
      }
      if (wasFull) following = follow();
      if (waiting.length === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    cleanUp.dispose();
  }
}
