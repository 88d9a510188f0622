import type { TopologyLink } from './topology.ts';

/** Where a box stands, in px from the graph's corner. */
export interface BoxPlace {
  readonly left: number;
  readonly right: number;
  readonly middle: number;
}

const bend = 6;
const firstTrackPx = 10;
const trackPx = 7;

/**
 * The line of a link: a curve from the right of one box to the left of another; for a dependency, a
 * track of its own (`track`, from 0) beside the column of services.
 */
export function linkPath(kind: TopologyLink['kind'], from: BoxPlace, to: BoxPlace, track: number): string {
  if (kind === 'needs') {
    const x = from.right + firstTrackPx + trackPx * track;
    const down = to.middle > from.middle ? 1 : -1;
    const start = from.middle + 14 * down;
    const end = to.middle + 2;
    return (
      `M${from.right} ${start}H${x - bend}q${bend} 0 ${bend} ${bend * down}` +
      `V${end - bend * down}q0 ${bend * down} ${-bend} ${bend * down}H${to.right + 2}`
    );
  }
  const half = (from.right + to.left) / 2;
  return `M${from.right} ${from.middle}C${half} ${from.middle} ${half} ${to.middle} ${to.left} ${to.middle}`;
}
