/** The places that a service's replicas take: numbered ones, or one on each host. */
import type { Revision } from '#shared/model/service.ts';
import type { HostId } from '#shared/model/service-ids.ts';
import type { Replica } from './facts.ts';

/** One place. */
export interface Slot {
  /** From 1; always 1 for a place of its own host. */
  readonly number: number;
  /** The host of a global service's replica; null for "anywhere". */
  readonly hostId: HostId | null;
}

/** Tells the slots of one revision apart. */
export type SlotKey = number | HostId;

/** The key of a slot. */
export function slotKey({ number, hostId }: Slot): SlotKey {
  return hostId ?? number;
}

/** The key of the slot that a replica has, or would have, under a revision's mode. */
export function slotKeyOf({ slot, hostId }: Pick<Replica, 'slot' | 'hostId'>, { spec }: Revision): SlotKey {
  return spec.mode.kind === 'global' ? hostId : slot;
}

/** The slots of a replicated service. */
export function numberedSlots(count: number): Slot[] {
  return Array.from({ length: count }, (_, at) => ({ number: at + 1, hostId: null }));
}
