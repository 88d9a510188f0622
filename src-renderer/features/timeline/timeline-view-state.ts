import { create } from 'zustand';
import type { CheckpointId } from '#shared/model/ids.ts';
import type { EntryKind } from './timeline-entry.ts';

/** What the person has chosen to see of the timeline. */
interface TimelineViewState {
  readonly kinds: ReadonlySet<EntryKind>;
  /** The checkpoint whose plan is open. */
  readonly planOf: CheckpointId | null;
  /** Merges that the open plan takes back: their commits. */
  readonly takenBack: ReadonlySet<string>;
  /** Services that the open plan takes back: the revision that each goes to, by its id. */
  readonly servicesBack: ReadonlyMap<string, number>;
  readonly naming: boolean;
  set(change: Partial<Omit<TimelineViewState, 'set'>>): void;
}

export const useTimelineView = create<TimelineViewState>()((set) => ({
  kinds: new Set(),
  planOf: null,
  takenBack: new Set(),
  servicesBack: new Map(),
  naming: false,
  set: (change) => set(change),
}));

/** Changes what is shown, from outside a component. */
export function setTimelineView(change: Partial<Omit<TimelineViewState, 'set'>>): void {
  useTimelineView.getState().set(change);
}

/** Opens the plan of a checkpoint. */
export function openPlan(checkpointId: CheckpointId): void {
  setTimelineView({ planOf: checkpointId, takenBack: new Set(), servicesBack: new Map() });
}

/** Closes the plan that is open. */
export function closePlan(): void {
  setTimelineView({ planOf: null, takenBack: new Set(), servicesBack: new Map() });
}
