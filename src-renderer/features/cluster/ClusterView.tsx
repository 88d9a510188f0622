import { Suspense } from 'react';
import type { ClusterView as Cluster } from '#shared/model/cluster.ts';
import { lazyView } from '../../app/lazy-view.ts';
import { useHostNow } from '../../client/host-clock.ts';
import { useConnection, useStream, useStreamList, useStreamState } from '../../client/use-stream.ts';
import { Button } from '../../ui/button/Button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Card } from '../../ui/data/Card.tsx';
import { Menu } from '../../ui/overlay/Menu.tsx';
import { Blank } from '../../ui/state/Blank.tsx';
import { Bones } from '../../ui/state/Bones.tsx';
import { PageHead } from '../../ui/state/PageHead.tsx';
import { clusterEvidence, clusterHeadline } from './cluster-headline.ts';
import { Drills, drillMenu } from './Drills.tsx';
import { drillRows } from './drill-rows.ts';
import { LagMultiples } from './LagMultiples.tsx';
import { Leadership } from './Leadership.tsx';
import { newestAtMs } from './lag-plot.ts';
import { Membership } from './Membership.tsx';
import { NodeCard } from './NodeCard.tsx';
import { useClusterActions, useClusterDeeds } from './use-cluster-actions.ts';
import './cluster.css';
import './plots.css';

const LatencyChart = lazyView(() => import('./LatencyChart.tsx'));
const nothing = {};

/** The Raft nodes: whether writes are safe, how far each is, and drills to prove it. */
export default function ClusterView() {
  const map = useStream('cluster.watch', nothing);
  const cluster = useStreamList(map)[0];
  const known = useStreamState(map);
  useClusterActions(cluster);
  if (known.state === 'failed') {
    return (
      <Blank roomy heading="h1" shape="failed" title="The cluster cannot be shown.">
        <p>{known.error.message}</p>
      </Blank>
    );
  }
  return cluster === undefined ? <Bones rows={6} label="Loading the cluster" /> : <Known cluster={cluster} />;
}

function Known({ cluster }: { cluster: Cluster }) {
  const isOld = useConnection().state !== 'live';
  const clockMs = useHostNow();
  const endMs = newestAtMs([cluster.latency, ...cluster.nodes.map((node) => node.lagSamples)]);
  // Ages of what is no longer heard count from when it was: the connection's notice says how old that is.
  const heardMs = Math.max(...cluster.nodes.map((node) => node.heardAtMs));
  const nowMs = isOld ? heardMs : Math.max(clockMs, heardMs);
  const deeds = useClusterDeeds();
  const rows = drillRows(cluster, nowMs);
  const handOver = rows.find((row) => row.kind === 'hand-over');
  const plotsEndMs = endMs ?? nowMs;
  return (
    <div className={classNames('cluster', isOld && 'cluster--old is-stale')}>
      <PageHead
        sentence={clusterHeadline(cluster)}
        evidence={clusterEvidence(cluster, nowMs)}
        actions={
          handOver !== undefined &&
          cluster.voters > 1 && (
            <Menu
              align="end"
              entries={drillMenu(handOver, deeds)}
              trigger={
                <Button
                  icon="handover"
                  disabledReason={handOver.refusal === null ? null : `Not now: ${handOver.refusal}.`}
                >
                  Hand over
                </Button>
              }
            />
          )
        }
      />
      <div className="cluster__body">
        <section className="nodes" aria-label="Nodes">
          {cluster.nodes.map((node, order) => (
            <NodeCard key={node.id} node={node} order={order} cluster={cluster} nowMs={nowMs} old={isOld} />
          ))}
        </section>
        <LagMultiples cluster={cluster} endMs={plotsEndMs} />
        <Card title="Commit and fsync" note="last 10 min" className="latency">
          <Suspense fallback={<div className="latency__wait" />}>
            <LatencyChart samples={cluster.latency} endMs={plotsEndMs} />
          </Suspense>
        </Card>
        <Leadership cluster={cluster} nowMs={nowMs} />
        <Drills rows={rows} deeds={deeds} />
        <Membership cluster={cluster} />
      </div>
    </div>
  );
}
