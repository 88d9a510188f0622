/** How long events and output of lanes that ended are kept for people to read again. */
import type { RunReport } from '#shared/contract/worker-protocol.ts';
import type { LaneId, RunId } from '#shared/model/ids.ts';

export interface RunRetention {
  readonly ageMsMax: number;
  /** Of all ended runs together; the newest one is kept whatever it takes. */
  readonly bytesMax: number;
}

/** Thirty days, two gibibytes: a run takes tens of kilobytes to some megabytes, 96 MiB at most. */
export const runRetention: RunRetention = { ageMsMax: 30 * 86_400_000, bytesMax: 2 * 1024 ** 3 };

/**
 * Which of these ended runs of ended lanes the worker may forget: those of lanes that are not
 * shown any more, those that ended too long ago, and the oldest of what takes too much room.
 */
export function runsToForget(
  ended: readonly RunReport[],
  shown: ReadonlySet<LaneId>,
  nowMs: number,
  retention: RunRetention = runRetention,
): RunId[] {
  const forgotten: RunId[] = [];
  let keptBytes = 0;
  for (const report of ended.toSorted((a, b) => b.lastEventAtMs - a.lastEventAtMs)) {
    // A worker of an earlier version tells only how much its agent wrote.
    const bytes = report.keptBytes ?? report.outputBytes;
    const fits = keptBytes === 0 || keptBytes + bytes <= retention.bytesMax;
    const isRecent = nowMs - report.lastEventAtMs <= retention.ageMsMax;
    if (shown.has(report.laneId) && isRecent && fits) keptBytes += bytes;
    else forgotten.push(report.runId);
  }
  return forgotten;
}
