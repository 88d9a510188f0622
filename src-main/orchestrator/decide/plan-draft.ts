/**
 * A plan in the making. What the strategies say of replicas (serve, keep, retire, dismiss) becomes
 * traffic and actions here, in one place, so that the promises hold for all of them: traffic is
 * taken away before a stop, the last one that works is not stopped while it is needed, nothing is
 * done on a host that does not answer, and failures stay readable.
 */
import type { Revision } from '#shared/model/service.ts';
import type { HostId } from '#shared/model/service-ids.ts';
import type { Replica } from './facts.ts';
import { endedAtMs, endedBadly, isHealthy } from './replica-state.ts';
import type { PendingSlot, ReplicaAction, ServicePlan, TrafficShare } from './service-plan.ts';
import { isNewer, type Situation } from './situation.ts';
import { type Slot, type SlotKey, slotKey, slotKeyOf } from './slot.ts';
import { drainState, type TrafficGroup, trafficShares } from './traffic.ts';

const stopGraceMsDefault = 10_000;
const drainMsDefault = 30_000;

/** Which part of the traffic a serving replica belongs to. */
export type GroupName = 'new' | 'old';

/** Collects what is to become of each replica, then says how. */
export class PlanDraft {
  readonly situation: Situation;
  readonly #actions: ReplicaAction[] = [];
  readonly #pending: PendingSlot[] = [];
  readonly #prepare = new Map<string, { hostId: HostId; revision: number }>();
  readonly #serving: Record<GroupName, Replica[]> = { new: [], old: [] };
  readonly #leaving = new Map<Replica, { readonly why: string; readonly isDismissed: boolean }>();
  readonly #kept: Replica[] = [];
  readonly #settled = new Set<Replica>();
  /** Slots that are kept filled, by template: their newest ended container is their history. */
  readonly #histories = new Map<string, { readonly revision: Revision; readonly keys: Set<SlotKey> }>();
  /** The percentages of new and old; null while all share evenly. */
  #split: Readonly<Record<GroupName, number>> | null = null;
  #drainMs: number | null = null;
  #parallelism = 0;
  #wakeAtMs: number | null = null;

  constructor(situation: Situation) {
    this.situation = situation;
    if (situation.nextLossAtMs !== null) this.wake(situation.nextLossAtMs);
    for (const replica of situation.live) if (replica.isStopping) this.dismiss(replica, 'it is being stopped');
  }

  /** Plan again at this time, or before. */
  wake(atMs: number): void {
    if (atMs > this.situation.nowMs) this.#wakeAtMs = Math.min(this.#wakeAtMs ?? atMs, atMs);
  }

  /** The parts of the traffic; without it all serving replicas share it evenly. */
  split(newPercent: number): void {
    this.#split = { new: newPercent, old: 100 - newPercent };
  }

  /** How long requests under way may take, instead of what each replica's own spec says. */
  drainWithin(drainMs: number): void {
    this.#drainMs = drainMs;
  }

  /** Replicas are replaced, so many at a time. */
  replaceAtOnce(parallelism: number): void {
    this.#parallelism = parallelism;
  }

  /** It takes traffic as soon as, and as long as, it is healthy. */
  serve(replica: Replica, group: GroupName = 'new'): void {
    if (this.#claim(replica)) this.#serving[group].push(replica);
  }

  /** It goes on running without traffic. */
  keep(replica: Replica): void {
    if (this.#claim(replica)) this.#kept.push(replica);
  }

  /** It goes, once others can do without it. */
  retire(replica: Replica, why: string): void {
    if (this.#claim(replica)) this.#leaving.set(replica, { why, isDismissed: false });
  }

  /** It goes, even if nothing is left then. */
  dismiss(replica: Replica, why: string): void {
    if (this.#claim(replica)) this.#leaving.set(replica, { why, isDismissed: true });
  }

  /** The slot is kept filled with this template: how its newest container ended is remembered. */
  remember(slot: Slot, hash: string, revision: Revision): void {
    const keys = this.#histories.get(hash)?.keys ?? new Set();
    this.#histories.set(hash, { revision, keys: keys.add(slotKey(slot)) });
  }

  create(revision: Revision, slot: Slot, hostId: HostId, attempt: number): void {
    this.#actions.push({ kind: 'create', hostId, revision: revision.number, slot: slot.number, attempt });
  }

  start(replica: Replica): void {
    if (!this.situation.isQuiet(replica)) this.#actions.push({ kind: 'start', containerId: replica.containerId });
  }

  /** The image of a revision has to be on a host. */
  prepare(hostId: HostId, revision: Revision): void {
    this.#prepare.set(`${hostId} ${revision.number}`, { hostId, revision: revision.number });
  }

  isPreparing(): boolean {
    return this.#prepare.size > 0;
  }

  pend(revision: Revision, slot: Slot, why: string, retryAtMs: number | null): void {
    this.#pending.push({ revision: revision.number, slot: slot.number, why, retryAtMs });
    if (retryAtMs !== null) this.wake(retryAtMs);
  }

  /** Everything but the rollout's part of the plan. What nobody claimed takes no traffic and goes. */
  finish(untold: ReadonlySet<string> = new Set()): Omit<ServicePlan, 'move' | 'progress'> {
    for (const replica of this.situation.live) this.retire(replica, 'nothing asks for it');
    const traffic = this.#traffic();
    const ready = new Set(traffic.filter(({ state }) => state === 'ready').map(({ containerId }) => containerId));
    for (const [replica, leaving] of this.#leaving) {
      if (!untold.has(replica.containerId) && !ready.has(replica.containerId)) this.#remove(replica, leaving);
    }
    this.#clearEnded(untold);
    return {
      actions: this.#actions,
      traffic,
      parallelism: this.#parallelism,
      prepare: [...this.#prepare.values()],
      pending: this.#pending,
      wakeAtMs: this.#wakeAtMs,
    };
  }

  #claim(replica: Replica): boolean {
    if (this.#settled.has(replica)) return false;
    this.#settled.add(replica);
    return true;
  }

  #traffic(): TrafficShare[] {
    const leaving = [...this.#leaving];
    const serving = this.#serving;
    const split = this.#split;
    const groups: TrafficGroup[] =
      split === null
        ? [{ percent: 100, replicas: [...serving.new, ...serving.old] }]
        : [
            { percent: split.new, replicas: serving.new },
            { percent: split.old, replicas: serving.old },
          ];
    return trafficShares({
      groups,
      retiring: leaving.filter(([, { isDismissed }]) => !isDismissed).map(([replica]) => replica),
      kept: this.#kept,
      dismissed: leaving.filter(([, { isDismissed }]) => isDismissed).map(([replica]) => replica),
    });
  }

  /** Takes a replica that is to have no traffic away, as far as that is possible now. */
  #remove(replica: Replica, { why, isDismissed }: { why: string; isDismissed: boolean }): void {
    const { situation } = this;
    const { containerId, phase } = replica;
    if (situation.isQuiet(replica)) return;
    if (phase !== 'running') {
      this.#actions.push({ kind: 'remove', containerId, why });
      return;
    }
    if (!isDismissed && !this.#canDoWithout(replica)) return;
    const spec = situation.specOf(replica);
    const drainMs = this.#drainMs ?? spec?.update.drainMs ?? drainMsDefault;
    const drain = drainState(replica, drainMs, situation.nowMs);
    if (drain.kind === 'draining') {
      if (drain.lookAtMs !== null) this.wake(drain.lookAtMs);
      return;
    }
    const graceMs = spec?.stopGraceMs ?? stopGraceMsDefault;
    this.#actions.push({ kind: 'stop', containerId, graceMs, why });
  }

  /**
   * Whether another one does what this one could: works and, where there is an edge, is seen to take
   * traffic. One that does not work itself is always spared, unless its edge gives it traffic.
   */
  #canDoWithout(replica: Replica): boolean {
    if (!isHealthy(replica)) return true;
    const { situation } = this;
    // With none that works, this one would have been given traffic again.
    return [...this.#serving.new, ...this.#serving.old].some(
      (other) => isHealthy(other) && (!situation.hasEdge(other) || other.traffic === 'ready'),
    );
  }

  /** Removes ended containers but those that are a slot's history, and the last failed one. */
  #clearEnded(untold: ReadonlySet<string>): void {
    const { situation } = this;
    const servingRevision = situation.facts.service.servingRevision ?? 0;
    const isActive = situation.facts.service.state === 'active';
    let lastFailed: Replica | null = null;
    for (const replica of isActive ? situation.ended : []) {
      if (!endedBadly(replica) || situation.isExcused(replica) || replica.revision < servingRevision) continue;
      if (lastFailed === null || endedAtMs(replica) > endedAtMs(lastFailed)) lastFailed = replica;
    }
    for (const replica of situation.ended) {
      const { containerId } = replica;
      if (replica === lastFailed || situation.isQuiet(replica) || untold.has(containerId)) continue;
      if (isActive && this.#isHistory(replica)) continue;
      this.#actions.push({ kind: 'remove', containerId, why: 'it has ended' });
    }
  }

  #isHistory(replica: Replica): boolean {
    const { situation } = this;
    const { templateHash } = replica;
    const history = this.#histories.get(templateHash);
    if (history === undefined) return false;
    const key = slotKeyOf(replica, history.revision);
    return (
      history.keys.has(key) &&
      situation.lastEnded(key, templateHash, history.revision) === replica &&
      // Once one in the slot works, how another one ended does not matter any more.
      situation
        .liveIn(key, templateHash, history.revision)
        .every((other) => isNewer(replica, other) && !isHealthy(other))
    );
  }
}
