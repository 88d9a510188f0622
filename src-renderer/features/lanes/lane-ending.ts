import type { LaneView } from '#shared/contract/views.ts';

/** How a lane ended that was not merged: what happened, what is kept of it, what to do. */
export interface LaneEnding {
  readonly shape: 'failed' | 'blocked';
  readonly reason: string;
  /** What the agent said of it, where that is more than the reason. */
  readonly detail: string | null;
  readonly kept: string;
  readonly next: string;
}

/** Null while a lane lives, and of one that was merged. Code stands in backticks. */
export function laneEnding({ end, step, can, taskKey }: LaneView): LaneEnding | null {
  if (end === null || end.kind === 'merged') return null;
  const said = end.kind === 'failed' && end.run?.kind === 'failed' ? end.run.detail : null;
  const ref = /`(refs\/gantry\/saved\/[^`]+)`/.exec(step)?.[1];
  const task = taskKey === null ? 'Its task' : taskKey;
  return {
    shape: end.kind === 'failed' ? 'failed' : 'blocked',
    reason: end.reason,
    detail: said === end.reason ? null : said,
    kept:
      ref === undefined
        ? 'Its events and its log are kept.'
        : `Kept are its events, its log, and its work: \`git switch -c NAME ${ref}\` brings that back.`,
    next: can.retry
      ? `${task} waits for you: retry it, hand it over, or cancel it.`
      : taskKey === null
        ? 'It had no task: there is nothing to do.'
        : `${task} goes on without this lane; Tasks shows where it is.`,
  };
}
