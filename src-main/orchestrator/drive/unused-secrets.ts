import type { Revision, Service } from '#shared/model/service.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import type { ObservedHost } from './host-fleet.ts';
import { secretSetKey } from './replica-maker.ts';

/** The sets of secrets on a host that something of a service mounts, or that what serves will. */
export function secretSetsInUse(
  host: ObservedHost,
  service: Service,
  revisions: ReadonlyMap<number, Revision>,
): Set<string> {
  const numbers = new Set(
    containersOf(host, service, 'replica').map(({ labels }) => Number(labels[serviceLabel.revision])),
  );
  if (service.servingRevision !== null) numbers.add(service.servingRevision);
  const used = new Set<string>();
  for (const number of numbers) {
    const revision = revisions.get(number);
    const key = revision === undefined ? null : secretSetKey(service, revision);
    if (key !== null) used.add(key);
  }
  return used;
}

/** Whether a host holds secrets of a service in memory that nothing uses: those of older versions. */
export function holdsUnusedSecrets(host: ObservedHost, service: Service, used: ReadonlySet<string>): boolean {
  return containersOf(host, service, 'keeper').some(({ labels }) => !used.has(labels[serviceLabel.secrets] ?? ''));
}

function containersOf({ containers }: ObservedHost, { id }: Service, role: 'replica' | 'keeper') {
  return [...containers.values()].filter(
    ({ labels }) => labels[serviceLabel.service] === id && labels[serviceLabel.role] === role,
  );
}
