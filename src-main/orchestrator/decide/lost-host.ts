/** When a host that does not answer has lost what it ran. */
import type { HostFacts } from './facts.ts';

/** A host that does not answer for this long has lost its replicas: others are started elsewhere. */
export const lostAfterMs = 30_000;

/** When a quiet host counts as lost; null for one that answers. */
export function lossAtMs({ state, downSinceMs }: HostFacts): number | null {
  return state === 'ready' || downSinceMs === null ? null : downSinceMs + lostAfterMs;
}

/** Whether it does by now. */
export function hasLost(host: HostFacts, nowMs: number): boolean {
  const atMs = lossAtMs(host);
  return atMs !== null && atMs <= nowMs;
}
