import { useMemo } from 'react';
import type { ClusterView, DrillKind } from '#shared/model/cluster.ts';
import type { NodeId } from '#shared/model/ids.ts';
import { type Action, useActions } from '../../app/action-registry.ts';
import { useCall } from '../../app/use-call.ts';
import type { IconName } from '../../ui/icon/Icon.tsx';
import { showToast } from '../../ui/overlay/toast-queue.ts';
import { choicesOf, drillMs, endDrillTitle, runningDrill } from './drill-rows.ts';

/** What can be asked of the cluster. What comes of it arrives with the next view of it. */
export interface ClusterDeeds {
  drill(kind: DrillKind, nodeId: NodeId): void;
  endDrill(): void;
  start(nodeId: NodeId): void;
  rebuild(nodeId: NodeId): void;
}

export const drillIcon: Record<DrillKind, IconName> = {
  'cut-off': 'interrupt',
  stop: 'power',
  'hand-over': 'handover',
  'slow-disk': 'disk',
};

/** Asks the host; a refusal is shown as a toast. */
export function useClusterDeeds(): ClusterDeeds {
  const call = useCall();
  return useMemo(
    () => ({
      drill: (kind, nodeId) => void call('cluster.drill', { kind, nodeId, forMs: drillMs }),
      endDrill: () => void call('cluster.endDrill', {}),
      start: (nodeId) => void call('cluster.startNode', { nodeId }),
      rebuild: (nodeId) => {
        const rebuild = async (): Promise<void> => {
          const rebuilt = await call('cluster.rebuildNode', { nodeId });
          if (rebuilt !== null) {
            const text = `${nodeId} is rebuilt from the others and comes back as ${rebuilt.nodeId}.`;
            showToast({ shape: 'done', text });
          }
        };
        void rebuild();
      },
    }),
    [call],
  );
}

/** "Cut off node-3", "Hand over to node-1": a drill on one node, as a deed. */
export function drillDeed(kind: DrillKind, nodeId: NodeId): string {
  switch (kind) {
    case 'cut-off':
      return `Cut off ${nodeId}`;
    case 'stop':
      return `Stop ${nodeId}`;
    case 'hand-over':
      return `Hand over to ${nodeId}`;
    case 'slow-disk':
      return `Slow the disk of ${nodeId}`;
  }
}

/** A deed that can be asked for now, as plain data: figures change all the time, these seldom. */
type Offer =
  | { readonly deed: 'end'; readonly title: string }
  | { readonly deed: 'drill'; readonly kind: DrillKind; readonly nodeId: NodeId; readonly refusal: string | null }
  | { readonly deed: 'start' | 'rebuild'; readonly nodeId: NodeId };

const kinds = ['cut-off', 'stop', 'hand-over', 'slow-disk'] as const satisfies readonly DrillKind[];

function offersOf(cluster: ClusterView): Offer[] {
  const running = runningDrill(cluster);
  const ends: Offer[] = running === undefined ? [] : [{ deed: 'end', title: endDrillTitle(running) }];
  const drills = kinds.flatMap((kind) =>
    choicesOf(cluster, kind).map(({ nodeId, refusal }): Offer => ({ deed: 'drill', kind, nodeId, refusal })),
  );
  const remedies = cluster.nodes.flatMap((node): Offer[] => {
    const { state } = node.condition;
    if (state === 'fenced') return [{ deed: 'rebuild', nodeId: node.id }];
    const stoppedByDrill = running?.nodeId === node.id;
    return state === 'crashed' || (state === 'stopped' && !stoppedByDrill) ? [{ deed: 'start', nodeId: node.id }] : [];
  });
  return [...ends, ...remedies, ...drills];
}

function actionOf(offer: Offer, deeds: ClusterDeeds): Action {
  if (offer.deed === 'end') {
    const { title } = offer;
    return { id: 'cluster.endDrill', title, group: 'Cluster', icon: 'play', shortcut: 'e', run: deeds.endDrill };
  }
  const { nodeId } = offer;
  if (offer.deed === 'drill') {
    const { kind, refusal } = offer;
    return {
      id: `cluster.${kind}.${nodeId}`,
      title: drillDeed(kind, nodeId),
      group: 'Drills',
      icon: drillIcon[kind],
      disabledReason: refusal === null ? null : `Not now: ${refusal}.`,
      run: () => deeds.drill(kind, nodeId),
    };
  }
  const rebuilds = offer.deed === 'rebuild';
  return {
    id: `cluster.${offer.deed}.${nodeId}`,
    title: rebuilds ? `Rebuild ${nodeId} from the others` : `Start ${nodeId}`,
    group: 'Cluster',
    icon: rebuilds ? 'retry' : 'play',
    run: () => (rebuilds ? deeds.rebuild(nodeId) : deeds.start(nodeId)),
  };
}

/** Offers the drills and remedies to the palette. */
export function useClusterActions(cluster: ClusterView | undefined): void {
  const deeds = useClusterDeeds();
  const key = JSON.stringify(cluster === undefined ? [] : offersOf(cluster));
  const actions = useMemo(
    () => (JSON.parse(key) as readonly Offer[]).map((offer) => actionOf(offer, deeds)),
    [key, deeds],
  );
  useActions(actions);
}
