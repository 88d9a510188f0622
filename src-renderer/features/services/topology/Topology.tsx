import { useMemo, useRef, useState } from 'react';
import type { ImageProgressView, ServiceHostView, ServiceView, VolumeView } from '#shared/contract/service-views.ts';
import { classNames } from '../../../ui/class-names.ts';
import { Icon } from '../../../ui/icon/Icon.tsx';
import { rateText } from '../service-words.ts';
import { HostColumn } from './HostColumn.tsx';
import { ReplicaBoxes } from './ReplicaBoxes.tsx';
import { ServiceNode } from './ServiceNode.tsx';
import { denseFrom, edgeKey, shownLinks, topologyOf } from './topology.ts';
import { TopologyLinks } from './TopologyLinks.tsx';
import './topology.css';

/**
 * How requests come to replicas, and what those stand on. Dependencies and hosts are drawn for one
 * service at a time: the one under the pointer or the focus, else the selected one. Edge and hosts
 * stay in view while a long graph is scrolled, so that these links lead somewhere. The table says the same.
 */
export function Topology({
  services,
  hosts,
  volumes,
  progress,
  selected,
}: {
  services: readonly ServiceView[];
  hosts: readonly ServiceHostView[];
  volumes: readonly VolumeView[];
  progress: readonly ImageProgressView[];
  selected: ServiceView | undefined;
}) {
  const graph = useRef<HTMLDivElement>(null);
  const [pointedId, setPointedId] = useState<string | null>(null);
  const topology = useMemo(() => topologyOf(services, hosts, volumes), [services, hosts, volumes]);
  const { rows } = topology;
  const isDense = rows.length >= denseFrom;
  const active = rows.find(({ service }) => service.id === pointedId)?.service ?? selected;
  const links = useMemo(() => shownLinks(topology.links, active?.id, isDense), [topology.links, active?.id, isDense]);
  const reached = rows.flatMap((row, index) => (row.isReached ? [index] : []));
  const edgeAt =
    reached.length === 0 ? null : (((reached[0] ?? 0) + (reached.at(-1) ?? 0)) / 2 + 0.5) / Math.max(1, rows.length);
  const needed = rows.filter(({ key }) => links.some((link) => link.kind === 'needs' && link.to === key));
  const canary = rows.some(({ groups }) => groups.some((group) => group.isNew));
  return (
    <section className={classNames('graph', isDense && 'graph--dense')} aria-label="Topology">
      <div className="graph__board" ref={graph}>
        <TopologyLinks board={graph} links={links} activeId={pointedId} />
        <div className="graph__cols" style={{ ['--rows' as string]: rows.length }}>
          {edgeAt === null ? <span /> : <h2>Edge</h2>}
          <h2>Services</h2>
          <h2>Replicas</h2>
          <h2>Hosts, volumes</h2>
          <div className="col col--edge" style={{ ['--edge-at' as string]: edgeAt }}>
            {edgeAt !== null && (
              <div className="node node--edge" data-box={edgeKey}>
                <Icon name="globe" small />
                <span className="node__name">edge</span>
                <small>
                  {topology.requestsPerSecond === null
                    ? 'no requests'
                    : `${rateText(topology.requestsPerSecond)} req/s`}
                </small>
              </div>
            )}
          </div>
          <ul className="rowset" aria-label="Services">
            {rows.map(({ key, service, groups }) => (
              <li
                className="row"
                key={key}
                onPointerEnter={() => setPointedId(service.id)}
                onPointerLeave={() => setPointedId(null)}
              >
                <ServiceNode
                  service={service}
                  boxKey={key}
                  isSelected={service.id === selected?.id}
                  onFocusChange={(isFocused) => setPointedId(isFocused ? service.id : null)}
                />
                <ReplicaBoxes
                  service={service}
                  groups={groups}
                  progress={progress.filter((each) => each.serviceId === service.id)}
                />
              </li>
            ))}
          </ul>
          <HostColumn hosts={topology.hosts} volumes={topology.volumes} isDense={isDense} active={active} />
        </div>
      </div>
      <p className="graph__legend" aria-hidden="true">
        {edgeAt !== null && <Key kind="rate">width: requests</Key>}
        {canary && <Key kind="canary">new revision</Key>}
        {active !== undefined && needed.length > 0 && (
          <Key kind="needs">
            {active.name} depends on {needed.map(({ service }) => service.name).join(', ')}
          </Key>
        )}
      </p>
    </section>
  );
}

function Key({ kind, children }: { kind: 'rate' | 'canary' | 'needs'; children: React.ReactNode }) {
  return (
    <span>
      <svg width="22" height="8">
        <path className={`link link--${kind}`} d="M0 4H22" />
      </svg>
      <span className="truncate">{children}</span>
    </span>
  );
}
