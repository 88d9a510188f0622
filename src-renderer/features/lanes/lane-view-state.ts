import { create } from 'zustand';
import type { LaneGroup } from './lane-group.ts';

/** What the person has chosen to see of the lanes. */
interface LaneViewState {
  readonly groups: ReadonlySet<LaneGroup>;
  readonly query: string;
  /** The field of the text filter is open. */
  readonly searching: boolean;
  readonly closed: ReadonlySet<LaneGroup>;
  readonly drawerOpen: boolean;
  set(change: Partial<Omit<LaneViewState, 'set'>>): void;
}

export const useLaneViewState = create<LaneViewState>()((set) => ({
  groups: new Set(),
  query: '',
  searching: false,
  closed: new Set<LaneGroup>(['merged', 'stopped']),
  drawerOpen: false,
  set: (change) => set(change),
}));

/** Changes what is shown, from outside a component. */
export function setLaneView(change: Partial<Omit<LaneViewState, 'set'>>): void {
  useLaneViewState.getState().set(change);
}

/** Adds `member` to a set, or takes it out. */
export function toggled<T>(members: ReadonlySet<T>, member: T): ReadonlySet<T> {
  const next = new Set(members);
  if (!next.delete(member)) next.add(member);
  return next;
}
