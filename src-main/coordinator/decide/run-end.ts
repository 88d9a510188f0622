/** What follows from the end of a run. */
import type { RunOutcome } from '#shared/model/agent-event.ts';
import type { LaneEnd } from '#shared/model/lane.ts';

/** What is known when a run has ended. */
export interface RunEndFacts {
  readonly outcome: RunOutcome;
  /** How long ago it ended. */
  readonly endedAgoMs: number;
  /** Files that differ from the target's commit that the lane is built on. */
  readonly filesChanged: number;
  /** Paths that still carry the markers of a merge that the agent was to resolve. */
  readonly unmergedPaths: readonly string[];
  /** Which run of this round it was, from 1. */
  readonly attempt: number;
  /** Runs that the lane may still begin in this round without a fault of its own (`runsPerRoundMax`). */
  readonly runsPerRoundMax: number;
}

export type RunEndDecision =
  /** Its work goes to the merge queue. */
  | { readonly kind: 'submit'; readonly summary: string }
  /** Nothing yet: what ended the run would end the next one as well. */
  | { readonly kind: 'wait' }
  /** The lane goes on in its worktree with another run. */
  | { readonly kind: 'run-again'; readonly because: string }
  | { readonly kind: 'end'; readonly end: LaneEnd; readonly task: 'reopen' | 'reopen-free' };

/** How many runs a lane begins in one round when runs are lost or leave conflict markers. */
export const runsPerRoundMax = 4;

/** After it, whoever watches the disk has seen that it is full, and refuses runs until it is not. */
const fullDiskPauseMs = 3_000;

type FailureReason = Extract<RunOutcome, { kind: 'failed' }>['reason'];

/** Ends that no other run would have escaped: they cost the task nothing. */
const isNoFaultOfItsOwn: ReadonlySet<FailureReason> = new Set(['lost', 'disk-full']);

/**
 * Decides from facts alone. A run that was lost, ended by a full disk or stopped by something
 * other than a person (who ends the lane first) goes on in the same worktree. An agent that says it is done and
 * changed nothing has failed that attempt: there is nothing to gate or merge, and a task that
 * needs no change is for a person to cancel.
 */
export function decideRunEnd(facts: RunEndFacts): RunEndDecision {
  const { outcome } = facts;
  const mayRunAgain = facts.attempt < facts.runsPerRoundMax;
  const failed = (reason: string): RunEndDecision => ({
    kind: 'end',
    end: { kind: 'failed', reason, run: outcome },
    task: 'reopen',
  });

  if (outcome.kind === 'stopped') {
    if (mayRunAgain) return { kind: 'run-again', because: outcome.detail };
    return { kind: 'end', end: { kind: 'stopped', reason: outcome.detail }, task: 'reopen-free' };
  }
  if (outcome.kind === 'failed') {
    if (!isNoFaultOfItsOwn.has(outcome.reason)) return failed(outcome.detail);
    if (outcome.reason === 'disk-full' && facts.endedAgoMs < fullDiskPauseMs) return { kind: 'wait' };
    if (mayRunAgain) return { kind: 'run-again', because: outcome.detail };
    return { kind: 'end', end: { kind: 'failed', reason: outcome.detail, run: outcome }, task: 'reopen-free' };
  }
  const [unmerged] = facts.unmergedPaths;
  if (unmerged !== undefined) {
    const because = `${unmerged} still has conflict markers.`;
    return mayRunAgain ? { kind: 'run-again', because } : failed(because);
  }
  if (facts.filesChanged === 0) return failed('The agent ended without changing anything.');
  return { kind: 'submit', summary: outcome.summary };
}
