/** How a revision may take another's place: what its policy asks for, within what its volumes allow. */
import type { ServiceSpec, UpdatePolicy } from '#shared/model/service-spec.ts';

/** A policy as it is carried out. */
export interface EffectivePolicy extends UpdatePolicy {
  /** Two replicas must never run at once, of whichever revision. */
  readonly isExclusive: boolean;
}

/**
 * Whether two replicas of it must never run at once: a single one that writes to a volume. More
 * than one replica on a volume is what the spec itself asks for.
 */
export function isExclusive({ mode, mounts }: ServiceSpec): boolean {
  return (
    mode.kind === 'replicated' &&
    mode.replicas <= 1 &&
    mounts.some((mount) => mount.kind === 'volume' && !mount.readOnly)
  );
}

/** What becomes of a policy with this spec: an exclusive one is updated in place, the old one stopped first. */
export function effectivePolicy(policy: UpdatePolicy, spec: ServiceSpec): EffectivePolicy {
  return isExclusive(spec)
    ? { ...policy, strategy: 'rolling', order: 'stop-first', isExclusive: true }
    : { ...policy, isExclusive: false };
}
