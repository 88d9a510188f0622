/** Which hosts a revision's replicas may be started on. */
import type { HostId, VolumeName } from '#shared/model/service-ids.ts';
import type { PlacementConstraint } from '#shared/model/service-spec.ts';
import type { HostFacts } from '../facts.ts';

/** A host with less than this gets nothing new: a log or a layer would fill its disk. */
export const diskFreeBytesMin = 512 * 1_024 * 1_024;

/** What a replica asks of its host. */
export interface PlacementNeeds {
  readonly constraints: readonly PlacementConstraint[];
  /** Of its image; null while it is not known. */
  readonly architecture: string | null;
  /** Where the data of the volumes that it mounts is. */
  readonly volumes: readonly { readonly name: VolumeName; readonly hostId: HostId }[];
  /** The host of its stack, where its edge and what it needs are; null for what may be anywhere. */
  readonly home: HostId | null;
  /** Host ports that its service publishes. */
  readonly hostPorts: readonly number[];
  /** Whose ports are its own: the service's id. */
  readonly owner: string;
}

/** Why a host is not for it, as a part of "2 hosts: 1 drained, 1 …"; null for a host that is. */
export function rejection(host: HostFacts, needs: PlacementNeeds): string | null {
  if (host.state === 'down') return 'not answering';
  if (host.availability === 'drain') return 'drained';
  for (const constraint of needs.constraints) {
    if (!satisfies(host, constraint)) {
      return `without ${constraint.attribute} ${constraint.operator} ${constraint.value}`;
    }
  }
  if (needs.home !== null && needs.home !== host.id) return `apart from its stack, which is on ${needs.home}`;
  if (needs.architecture !== null && needs.architecture !== host.architecture) {
    return `of architecture ${host.architecture}, where the image is for ${needs.architecture}`;
  }
  for (const volume of needs.volumes) {
    if (volume.hostId !== host.id) return `without the data of the volume ${volume.name}`;
  }
  const taken = takenPort(host, needs);
  if (taken !== null) return `with port ${taken.port} taken by ${taken.by}`;
  if (isShortOfDisk(host)) return 'short of disk space';
  return null;
}

/** Whether a host is as a constraint asks. A label that is missing equals nothing. */
export function satisfies(host: HostFacts, { attribute, operator, value }: PlacementConstraint): boolean {
  return (attributeOf(host, attribute) === value) === (operator === '==');
}

/** The first of the ports that somebody else has on a host; null when all are free or its own. */
export function takenPort(
  host: HostFacts,
  { hostPorts, owner }: Pick<PlacementNeeds, 'hostPorts' | 'owner'>,
): { readonly port: number; readonly by: string } | null {
  for (const port of hostPorts) {
    const by = host.portsTaken.get(port);
    if (by !== undefined && by !== owner) return { port, by };
  }
  return null;
}

/** Whether a host has too little free disk for anything new. */
export function isShortOfDisk({ diskFreeBytes }: HostFacts): boolean {
  return diskFreeBytes !== null && diskFreeBytes < diskFreeBytesMin;
}

function attributeOf(host: HostFacts, attribute: string): string | undefined {
  switch (attribute) {
    case 'node.id':
      return host.id;
    case 'node.name':
      return host.name;
    case 'node.architecture':
      return host.architecture;
    default:
      return host.labels[attribute.slice('node.labels.'.length)];
  }
}
