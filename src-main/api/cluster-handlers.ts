import type { Event } from '#shared/base/emitter.ts';
import type { ContractHandlers } from '#shared/contract/handlers.ts';
import type { ClusterView, DrillKind } from '#shared/model/cluster.ts';
import type { NodeId } from '#shared/model/ids.ts';
import { feedAll } from './keyed-source.ts';

/** What the cluster's calls need of it. */
export interface ClusterServices {
  view(): ClusterView;
  readonly onDidChangeView: Event<ClusterView>;
  drill(kind: DrillKind, nodeId: NodeId, forMs: number): Promise<void>;
  endDrill(): Promise<void>;
  startNode(nodeId: NodeId): Promise<void>;
  rebuildNode(nodeId: NodeId): Promise<NodeId>;
}

type ClusterHandlers = Pick<ContractHandlers, Extract<keyof ContractHandlers, `cluster.${string}`>>;

/** `cluster.*` */
export function clusterHandlers(cluster: ClusterServices): ClusterHandlers {
  return {
    'cluster.watch': (_input, sink) =>
      feedAll(
        sink,
        cluster.onDidChangeView,
        () => true,
        () => new Map([['cluster', cluster.view()]]),
      ),
    'cluster.drill': async ({ kind, nodeId, forMs }) => {
      await cluster.drill(kind, nodeId, forMs);
      return {};
    },
    'cluster.endDrill': async () => {
      await cluster.endDrill();
      return {};
    },
    'cluster.startNode': async ({ nodeId }) => {
      await cluster.startNode(nodeId);
      return {};
    },
    'cluster.rebuildNode': async ({ nodeId }) => ({ nodeId: await cluster.rebuildNode(nodeId) }),
  };
}
