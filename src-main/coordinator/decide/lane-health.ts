/** Whether a lane's run is alive, from facts. A probe that failed is never a death. */
import type { RunReport } from '#shared/contract/worker-protocol.ts';
import type { LaneId } from '#shared/model/ids.ts';

/** What is known of one working lane. */
export interface LaneHealthFacts {
  readonly laneId: LaneId;
  readonly connection: 'connected' | 'starting' | 'unreachable';
  /** Since when a worker is looked for or started; null in any other state. */
  readonly workerStartingSinceMs: number | null;
  /** When the worker was last heard at all; 0 when it never was. */
  readonly workerHeardAtMs: number;
  readonly report: RunReport | undefined;
  /** A request of the lane waits for the person: silence is expected. */
  readonly asking: boolean;
  readonly stallMs: number;
  readonly nowMs: number;
}

export type LaneHealth =
  | 'fine'
  /** The worker is just being found or started, which is no reason to worry yet. */
  | 'starting'
  /** Nothing fresh is known; it may well be running. */
  | 'stale'
  /** The worker itself says that the run is over. */
  | 'dead'
  /** No event for longer than the watchdog allows, although the worker should have ended it. */
  | 'stalled';

/** A worker that says nothing for this long is silent; it speaks once a second. */
export const workerSilentMs = 3_000;
/** A worker that is neither found nor started after this long is away; it is mostly there within one second. */
export const workerStartMs = 10_000;
/** The worker's own watchdog is given this much more time before the coordinator steps in. */
export const stallGraceMs = 15_000;

/** Judges one lane. */
export function laneHealth(facts: LaneHealthFacts): LaneHealth {
  if (facts.report?.state === 'ended') return 'dead';
  if (facts.connection === 'unreachable') return 'stale';
  const silent = facts.nowMs - facts.workerHeardAtMs > workerSilentMs;
  if (facts.connection === 'starting') {
    // A connection that was lost a moment ago is mostly back before anybody could tell.
    if (facts.report !== undefined && !silent) return 'fine';
    const startingMs = facts.nowMs - (facts.workerStartingSinceMs ?? facts.nowMs);
    return startingMs > workerStartMs ? 'stale' : 'starting';
  }
  if (silent) return 'stale';
  if (facts.report === undefined) return 'fine';
  const quietMs = facts.nowMs - facts.report.lastEventAtMs;
  const watched = facts.report.state === 'running' && !facts.asking;
  return watched && quietMs > facts.stallMs + stallGraceMs ? 'stalled' : 'fine';
}

/** From this many lanes on, and from this share of all, deaths at once are taken for an error of observation. */
export const massDeathLanesMin = 5;
export const massDeathShareMin = 0.5;

/**
 * The lanes that may be ended as stalled. None, when so many look stalled at once that the
 * cause is more likely the machine (asleep, out of disk, cut off) than each of them.
 */
export function lanesToEnd(verdicts: ReadonlyMap<LaneId, LaneHealth>): { end: LaneId[]; heldBack: boolean } {
  const stalled = [...verdicts].filter(([, health]) => health === 'stalled').map(([laneId]) => laneId);
  const heldBack = stalled.length >= massDeathLanesMin && stalled.length >= verdicts.size * massDeathShareMin;
  return { end: heldBack ? [] : stalled, heldBack };
}
