/** Why a slot is pending, in one sentence. */
import type { HostFacts } from '../facts.ts';
import { type PlacementNeeds, rejection } from './filters.ts';

/** "3 hosts: 1 drained, 2 without node.labels.zone == eu". */
export function explain(hosts: readonly HostFacts[], needs: PlacementNeeds): string {
  if (hosts.length === 0) return 'no host is set up';
  const counts = new Map<string, number>();
  for (const host of hosts) {
    const why = rejection(host, needs) ?? 'that fit';
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  const parts = [...counts].map(([why, count]) => `${count} ${why}`);
  return `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}: ${parts.join(', ')}`;
}
