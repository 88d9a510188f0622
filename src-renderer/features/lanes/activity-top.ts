import type { LaneView } from '#shared/contract/views.ts';

/** Scales grow in steps of this many events, so that rows are not drawn again for each. */
const step = 6;

/** What was found before: a list of activity never changes, a lane that did something has a new one. */
const mostOf = new WeakMap<readonly number[], number>();

/** The most events in one bar of any lane, rounded up, so that all sparklines share one scale. */
export function activityTop(lanes: readonly Pick<LaneView, 'activity'>[]): number {
  let most = step;
  for (const { activity } of lanes) most = Math.max(most, mostEvents(activity));
  return Math.ceil(most / step) * step;
}

function mostEvents(activity: readonly number[]): number {
  const known = mostOf.get(activity);
  if (known !== undefined) return known;
  const most = activity.reduce((before, events) => Math.max(before, events), 0);
  mostOf.set(activity, most);
  return most;
}
