import { lazyView } from '../../app/lazy-view.ts';
import type { Route } from '../../app/route.ts';
import { useCluster } from '../../client/host-streams.ts';
import { Badge } from '../../ui/label/Badge.tsx';

/** How many voters take part; loud while some do not. */
function VoteCount() {
  const { votersHealthy, voters } = useCluster((cluster) => ({
    votersHealthy: cluster?.votersHealthy ?? 0,
    voters: cluster?.voters ?? 0,
  }));
  if (voters === 0) return null;
  const text = `${votersHealthy}/${voters}`;
  if (votersHealthy === voters) return <span className="plain">{text}</span>;
  return (
    <Badge tone="waiting" title={`${votersHealthy} of ${voters} nodes vote`}>
      {text}
    </Badge>
  );
}

export const route: Route = {
  id: 'cluster',
  title: 'Cluster',
  icon: 'cluster',
  order: 3,
  shortcut: 'g c',
  view: lazyView(() => import('./ClusterView.tsx')),
  Count: VoteCount,
};
