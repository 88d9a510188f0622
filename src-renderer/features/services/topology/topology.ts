import type { ReplicaView, ServiceHostView, ServiceView, VolumeView } from '#shared/contract/service-views.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import { serviceOrder } from '../service-order.ts';
import { rateText } from '../service-words.ts';

/** The replicas of one revision, side by side. */
export interface ReplicaGroup {
  /** Names its box for the links. */
  readonly key: string;
  readonly revision: number;
  readonly replicas: readonly ReplicaView[];
  /** Share of the service's traffic in percent; null where there is nothing to share. */
  readonly share: number | null;
  /** What the group is there for when none of it is meant to serve: "kept", "failed"; null otherwise. */
  readonly spare: string | null;
  /** The revision that a rollout brings. */
  readonly isNew: boolean;
}

/** One line of the graph. */
export interface TopologyRow {
  readonly key: string;
  readonly service: ServiceView;
  readonly groups: readonly ReplicaGroup[];
  /** Reached from outside, through a published port or a route. */
  readonly isReached: boolean;
}

/** What a link stands for: requests, a canary's share, belonging, a dependency, or the host of replicas. */
export type LinkKind = 'main' | 'canary' | 'plain' | 'needs' | 'host';

export interface TopologyLink {
  readonly from: string;
  readonly to: string;
  readonly kind: LinkKind;
  readonly widthPx: number;
  /** Requests per second, at the end of the link; null for none. */
  readonly label: string | null;
  readonly serviceId: ServiceId;
}

export interface Topology {
  readonly rows: readonly TopologyRow[];
  readonly hosts: readonly ServiceHostView[];
  readonly volumes: readonly VolumeView[];
  readonly links: readonly TopologyLink[];
  /** Requests per second through all edges; null while nothing is counted. */
  readonly requestsPerSecond: number | null;
}

export const edgeKey = 'edge';
export const serviceKey = (name: string): string => `service ${name}`;
export const groupKey = (name: string, revision: number): string => `group ${name} ${revision}`;
export const hostKey = (hostId: string): string => `host ${hostId}`;
export const volumeKey = (name: string): string => `volume ${name}`;

/** From so many services on, boxes are one line tall and links thinner. */
export const denseFrom = 13;

const plainPx = 1.5;
const widestPx = { few: 5, many: 3 } as const;

/** What the graph shows of one stack. Boxes have their places by dependency and name alone. */
export function topologyOf(
  services: readonly ServiceView[],
  hosts: readonly ServiceHostView[],
  volumes: readonly VolumeView[],
): Topology {
  const rows = serviceOrder(services).map(
    (service): TopologyRow => ({
      key: serviceKey(service.name),
      service,
      groups: replicaGroups(service),
      isReached: service.routes.length > 0 || service.ports.some((port) => port.address !== null),
    }),
  );
  const mounted = new Set<string>(services.flatMap((service) => service.volumes));
  const shownVolumes = volumes.filter((volume) => mounted.has(volume.name)).toSorted(byName);
  const rates = rows.flatMap(({ service }) => (service.traffic === null ? [] : [service.traffic.requestsPerSecond]));
  const top = Math.max(1, ...rates);
  const links = rows.flatMap((row) => linksOf(row, rows, shownVolumes, top));
  const reached = rows.filter((row) => row.isReached && row.service.traffic !== null);
  return {
    rows,
    hosts: hosts.toSorted(byName),
    volumes: shownVolumes,
    links,
    requestsPerSecond:
      reached.length === 0
        ? null
        : reached.reduce((sum, { service }) => sum + (service.traffic?.requestsPerSecond ?? 0), 0),
  };
}

/**
 * The links that are drawn. Dependencies and hosts of all services at once would be a tangle, and so would volumes
 * in a dense graph.
 */
export function shownLinks(
  links: readonly TopologyLink[],
  activeId: ServiceId | undefined,
  isDense: boolean,
): TopologyLink[] {
  return links.filter(
    ({ kind, to, serviceId }) =>
      serviceId === activeId ||
      (kind !== 'needs' && !to.startsWith(hostKey('')) && !(isDense && to.startsWith(volumeKey('')))),
  );
}

/** The older revision first, as the newer one takes over from it. */
export function replicaGroups(service: ServiceView): ReplicaGroup[] {
  const byRevision = new Map<number, ReplicaView[]>();
  for (const replica of service.replicas) {
    byRevision.set(replica.revision, [...(byRevision.get(replica.revision) ?? []), replica]);
  }
  const target = service.rollout?.rollout.toRevision ?? null;
  const revisions = [...byRevision.keys()].toSorted((a, b) => a - b);
  const spares = new Map(revisions.map((revision) => [revision, spareWord(byRevision.get(revision) ?? [])]));
  const live = [...spares.values()].filter((word) => word === null).length;
  const allShares = service.replicas.reduce((sum, { trafficPercent }) => sum + (trafficPercent ?? 0), 0);
  return revisions.map((revision) => {
    const replicas = (byRevision.get(revision) ?? []).toSorted((a, b) => a.slot - b.slot);
    const spare = spares.get(revision) ?? null;
    const shares = replicas.flatMap(({ trafficPercent }) => (trafficPercent === null ? [] : [trafficPercent]));
    const share = shares.reduce((sum, each) => sum + each, 0);
    return {
      key: groupKey(service.name, revision),
      revision,
      replicas,
      share:
        live < 2 || spare !== null || shares.length === 0
          ? null
          : sharedPercent(service, revision, allShares === 0 ? 0 : (100 * share) / allShares),
      spare,
      isNew: revision === target && spare === null && live > 1,
    };
  });
}

/** The one word for replicas that stand by or are left over. */
function spareWord(replicas: readonly ReplicaView[]): string | null {
  const [first] = replicas;
  if (first === undefined || !['kept', 'failed', 'ended'].includes(first.state)) return null;
  return replicas.every((replica) => replica.state === first.state) ? first.state : null;
}

/** The share of each replica is rounded: a revision's is taken of their sum, or from what the rollout says of the whole. */
function sharedPercent({ rollout }: ServiceView, revision: number, percent: number): number {
  if (rollout === null || rollout.rollout.stage.name !== 'shifting') return Math.round(percent);
  if (revision === rollout.rollout.toRevision) return Math.round(rollout.weightPercent);
  if (revision === rollout.rollout.fromRevision) return 100 - Math.round(rollout.weightPercent);
  return Math.round(percent);
}

function linksOf(
  { key, service, groups, isReached }: TopologyRow,
  rows: readonly TopologyRow[],
  volumes: readonly VolumeView[],
  top: number,
): TopologyLink[] {
  const serviceId = service.id;
  const rate = service.traffic?.requestsPerSecond ?? 0;
  const link = (from: string, to: string, kind: LinkKind, widthPx = plainPx): TopologyLink => ({
    from,
    to,
    kind,
    widthPx,
    label: null,
    serviceId,
  });
  const links: TopologyLink[] = [];
  if (isReached) {
    const label = service.traffic === null ? null : rateText(rate);
    links.push({ ...link(edgeKey, key, 'main', widthOf(rate, top, rows.length)), label });
  }
  for (const group of groups) {
    const kind = group.isNew ? 'canary' : group.share !== null ? 'main' : 'plain';
    const width =
      group.share === null ? plainPx : Math.max(plainPx, widthOf((rate * group.share) / 100, top, rows.length));
    links.push(link(key, group.key, kind, Math.min(width, 4)));
    if (group.spare === 'failed' || group.spare === 'ended') continue;
    for (const hostId of new Set(group.replicas.map((replica) => replica.hostId))) {
      links.push(link(group.key, hostKey(hostId), group.isNew ? 'canary' : 'host', 1.25));
    }
  }
  const last = groups.findLast((group) => group.spare === null) ?? groups.at(-1);
  for (const volume of volumes) {
    if (last !== undefined && service.volumes.includes(volume.name)) {
      links.push(link(last.key, volumeKey(volume.name), 'plain'));
    }
  }
  for (const other of service.dependsOn) {
    if (rows.some((row) => row.service.name === other)) links.push(link(key, serviceKey(other), 'needs'));
  }
  return links;
}

/** By area rather than by number, so that a small service still has a line. */
function widthOf(rate: number, top: number, services: number): number {
  const widest = services < denseFrom ? widestPx.few : widestPx.many;
  return Math.round((plainPx + (widest - plainPx) * Math.sqrt(Math.max(0, rate) / top)) * 4) / 4;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
