/** Who takes the requests, and when a replica that takes none may be stopped. */
import type { Replica } from './facts.ts';
import { isHealthy } from './replica-state.ts';
import type { TrafficShare } from './service-plan.ts';

/** Replicas that share a part of the traffic evenly. */
export interface TrafficGroup {
  /** Of all traffic, relative to the other groups. */
  readonly percent: number;
  readonly replicas: readonly Replica[];
}

/** All running replicas of a service by their part in its traffic. */
export interface TrafficParts {
  readonly groups: readonly TrafficGroup[];
  /** On their way out; they come back when nothing else can take over. */
  readonly retiring: readonly Replica[];
  /** Kept without traffic, for a switch back. */
  readonly kept: readonly Replica[];
  /** On their way out for good. */
  readonly dismissed: readonly Replica[];
}

/** The edge's largest weight. */
const weightMax = 256;
/** So long a replica has to be without new requests before "nothing under way" is believed. */
export const drainSettleMs = 200;
/** While requests are under way, how often it is looked again. */
const drainLookMs = 500;

/**
 * The shares of all running replicas. Healthy ones of the groups take the traffic. One that was
 * taking it keeps it while its checks know nothing new. When none of the groups can, whatever is
 * healthy takes over, first what is on its way out; when nothing is, what took traffic keeps it:
 * an answer of an unhealthy replica is better than none.
 */
export function trafficShares({ groups, retiring, kept, dismissed }: TrafficParts): TrafficShare[] {
  const members = groups.flatMap(({ replicas }) => replicas);
  const ready = chooseReady({ groups, retiring, kept, dismissed });
  const heaviest = Math.max(...ready.values());
  return [...new Set([...members, ...retiring, ...kept, ...dismissed])]
    .filter(({ phase }) => phase === 'running')
    .map((replica): TrafficShare => {
      const { containerId } = replica;
      const share = ready.get(replica);
      if (share === undefined) return { containerId, state: 'drain', weight: 0 };
      return { containerId, state: 'ready', weight: Math.max(1, Math.round((share / heaviest) * weightMax)) };
    });
}

/** Each replica that takes traffic, with its part of it. */
function chooseReady({ groups, retiring, kept }: TrafficParts): Map<Replica, number> {
  const ready = new Map<Replica, number>();
  for (const { percent, replicas } of groups) {
    if (percent <= 0) continue;
    const takers = replicas.filter(canTake);
    for (const replica of takers) ready.set(replica, percent / takers.length);
  }
  if (ready.size > 0) return ready;
  const waiting = groups.filter(({ percent }) => percent <= 0).flatMap(({ replicas }) => replicas);
  for (const others of [retiring, kept, waiting]) {
    for (const replica of others.filter(isHealthy)) ready.set(replica, 1);
    if (ready.size > 0) return ready;
  }
  for (const replica of [...groups.flatMap(({ replicas }) => replicas), ...retiring]) {
    if (replica.phase === 'running' && replica.traffic === 'ready') ready.set(replica, 1);
  }
  return ready;
}

function canTake(replica: Replica): boolean {
  const { phase, traffic, health } = replica;
  return isHealthy(replica) || (phase === 'running' && traffic === 'ready' && health.status !== 'unhealthy');
}

/** Whether a replica that is to go has done its requests. */
export type DrainState = { readonly kind: 'drained' } | { readonly kind: 'draining'; readonly lookAtMs: number | null };

/**
 * Requests under way are waited for, at most `drainMs`. Only what the edge says counts: while it
 * still gives traffic to the replica, the replica is not drained.
 */
export function drainState(replica: Replica, drainMs: number, nowMs: number): DrainState {
  if (replica.traffic === 'none') return { kind: 'drained' };
  if (replica.traffic === 'ready') return { kind: 'draining', lookAtMs: null };
  const sinceMs = replica.drainingSinceMs ?? nowMs;
  const endAtMs = sinceMs + drainMs;
  const settledAtMs = Math.min(endAtMs, sinceMs + drainSettleMs);
  if (nowMs >= endAtMs || (replica.active === 0 && nowMs >= settledAtMs)) return { kind: 'drained' };
  const lookAtMs = nowMs < settledAtMs ? settledAtMs : Math.min(endAtMs, nowMs + drainLookMs);
  return { kind: 'draining', lookAtMs };
}

/** The part of the traffic that some replicas have, 0–100. */
export function percentOf(shares: readonly TrafficShare[], containerIds: ReadonlySet<string>): number {
  let all = 0;
  let own = 0;
  for (const { containerId, state, weight } of shares) {
    if (state !== 'ready') continue;
    all += weight;
    if (containerIds.has(containerId)) own += weight;
  }
  return all === 0 ? 0 : (own / all) * 100;
}
