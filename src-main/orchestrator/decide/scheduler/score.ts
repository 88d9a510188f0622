/** Which of the hosts that fit is the best one. */
import type { HostId } from '#shared/model/service-ids.ts';
import type { HostFacts } from '../facts.ts';

/** What is on a host already, or will be. */
export interface HostLoad {
  /** Replicas of the same service. */
  readonly ofService: number;
  /** Replicas of all services. */
  readonly total: number;
}

/**
 * The host with the fewest replicas of the service; among equals the one with the least load for
 * its processors, then the first one by id. `avoid` comes last. Null without any.
 */
export function bestHost(
  hosts: readonly HostFacts[],
  loadOf: (hostId: HostId) => HostLoad,
  avoid: HostId | null = null,
): HostFacts | null {
  let best: HostFacts | null = null;
  let bestOfService = 0;
  let bestRelative = 0;
  for (const host of hosts) {
    const load = loadOf(host.id);
    const ofService = host.id === avoid ? Number.MAX_SAFE_INTEGER : load.ofService;
    const relative = load.total / Math.max(1, host.cpus);
    const isBetter =
      best === null || ofService < bestOfService || (ofService === bestOfService && relative < bestRelative);
    if (!isBetter) continue;
    best = host;
    bestOfService = ofService;
    bestRelative = relative;
  }
  return best;
}
