/** One service's facts, sorted for planning: which replicas count, which do not, and which cannot be reached. */
import type { Revision } from '#shared/model/service.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import type { HostFacts, Replica, ServiceFacts } from './facts.ts';
import { lossAtMs } from './lost-host.ts';
import { endedAtMs, isEnded } from './replica-state.ts';
import { rejection } from './scheduler/filters.ts';
import type { Placement } from './scheduler/placement.ts';
import { placementNeeds, Scheduler } from './scheduler/scheduler.ts';
import { needsStack } from './scheduler/stack-home.ts';
import { numberedSlots, type Slot, type SlotKey, slotKeyOf } from './slot.ts';

/** The facts of one plan with what follows from them. Reads only. */
export class Situation {
  readonly facts: ServiceFacts;
  readonly placement: Placement;
  readonly scheduler: Scheduler;
  readonly nowMs: number;
  /** Replicas that run or may; those of a host that has just gone quiet too. */
  readonly live: readonly Replica[];
  /** Containers that will not run again. */
  readonly ended: readonly Replica[];
  /** When the first of the quiet hosts counts as lost; null without any. */
  readonly nextLossAtMs: number | null;

  constructor(facts: ServiceFacts, placement: Placement) {
    this.facts = facts;
    this.placement = placement;
    this.scheduler = new Scheduler(facts, placement);
    this.nowMs = facts.nowMs;
    const live: Replica[] = [];
    const ended: Replica[] = [];
    let nextLossAtMs: number | null = null;
    for (const replica of facts.replicas) {
      if (replica.serviceId !== facts.service.id) continue;
      const host = placement.host(replica.hostId);
      const lostAtMs = host === null ? facts.nowMs : lossAtMs(host);
      if (lostAtMs !== null && lostAtMs <= facts.nowMs) continue;
      if (lostAtMs !== null) nextLossAtMs = Math.min(nextLossAtMs ?? lostAtMs, lostAtMs);
      (isEnded(replica) ? ended : live).push(replica);
    }
    this.live = live;
    this.ended = ended;
    this.nextLossAtMs = nextLossAtMs;
  }

  /** Its host does not answer: nothing can be done with it now. */
  isQuiet({ hostId }: Replica): boolean {
    return this.placement.host(hostId)?.state !== 'ready';
  }

  /** It has to go elsewhere: its host is being emptied, or its stack is on another one. */
  isLeaving(replica: Replica): boolean {
    return this.placement.host(replica.hostId)?.availability === 'drain' || this.isApart(replica);
  }

  /** It is where neither its edge nor what it needs reaches it. */
  isApart(replica: Replica): boolean {
    const { home } = this.facts;
    const spec = this.specOf(replica);
    return home !== null && replica.hostId !== home && spec !== null && needsStack(spec);
  }

  /** It ended together with its engine, which is back. */
  isExcused(replica: Replica): boolean {
    const returnedAtMs = this.placement.host(replica.hostId)?.returnedAtMs ?? null;
    return isEnded(replica) && returnedAtMs !== null && endedAtMs(replica) <= returnedAtMs;
  }

  revision(number: number | null): Revision | null {
    return number === null ? null : (this.facts.revisions.get(number) ?? null);
  }

  /** The hash of a revision's containers; null while its image is not pinned. */
  hash(number: number | null): string | null {
    return number === null ? null : (this.facts.templateHashes.get(number) ?? null);
  }

  /** The spec that a container was made by; null when that is forgotten. */
  specOf({ revision }: Replica): ServiceSpec | null {
    return this.facts.revisions.get(revision)?.spec ?? null;
  }

  /** Whether it has shown itself fit to serve: it does, or it is of the revision that last did. */
  isProven(replica: Replica): boolean {
    const servingHash = this.hash(this.facts.service.servingRevision);
    return replica.traffic === 'ready' || !this.hasEdge(replica) || replica.templateHash === servingHash;
  }

  /** Whether its traffic comes through the service's edge. */
  hasEdge(replica: Replica): boolean {
    return replica.traffic !== 'none' || (this.specOf(replica)?.ports.length ?? 0) > 0;
  }

  /** The slots that a revision is to have, in order. */
  slots(revision: Revision): Slot[] {
    const { mode } = revision.spec;
    if (mode.kind === 'replicated') return numberedSlots(mode.replicas);
    const needs = placementNeeds(this.facts, revision);
    const fitting = new Set(this.scheduler.fitting(revision));
    const used = new Set(this.live.map(({ hostId }) => hostId));
    // A host that has just gone quiet, of which nothing is known, or has become short of something, keeps what it runs.
    const stays = (host: HostFacts): boolean =>
      used.has(host.id) &&
      (host.state === 'ready'
        ? rejection({ ...host, diskFreeBytes: null }, { ...needs, hostPorts: [] }) === null
        : host.availability === 'active');
    return this.placement
      .hosts()
      .filter((host) => fitting.has(host) || stays(host))
      .map(({ id }) => ({ number: 1, hostId: id }));
  }

  /** Live replicas with this template in a revision's slot, but those that are on their end. */
  liveIn(key: SlotKey, hash: string, revision: Revision): Replica[] {
    return this.live.filter(
      (replica) => !replica.isStopping && replica.templateHash === hash && slotKeyOf(replica, revision) === key,
    );
  }

  /** Whether one of whichever template is about to end in a revision's slot. */
  isEmptying(key: SlotKey, revision: Revision): boolean {
    return this.live.some((replica) => replica.isStopping && slotKeyOf(replica, revision) === key);
  }

  /**
   * The container with this template in a revision's slot that ended last. What ended before the
   * rollout began is no history: a deploy begins afresh.
   */
  lastEnded(key: SlotKey, hash: string, revision: Revision): Replica | null {
    let last: Replica | null = null;
    const sinceMs = this.facts.rollout?.startedAtMs ?? 0;
    for (const replica of this.ended) {
      if (endedAtMs(replica) < sinceMs) continue;
      if (replica.templateHash !== hash || slotKeyOf(replica, revision) !== key) continue;
      if (last === null || endedAtMs(replica) > endedAtMs(last)) last = replica;
    }
    return last;
  }
}

/** Whether a container was made after another one. */
export function isNewer(a: Replica, b: Replica): boolean {
  if (a.createdAtMs !== b.createdAtMs) return a.createdAtMs > b.createdAtMs;
  if (a.attempt !== b.attempt) return a.attempt > b.attempt;
  return a.containerId > b.containerId;
}
