import type { ContractHandlers } from '#shared/contract/handlers.ts';
import type { Coordinator } from '../coordinator/open-coordinator.ts';
import { byId, feedAll } from './keyed-source.ts';

type TimelineHandlers = Pick<ContractHandlers, Extract<keyof ContractHandlers, `timeline.${string}`>>;

/** `timeline.*` */
export function timelineHandlers({ timeline, views, onDidChange }: Coordinator): TimelineHandlers {
  return {
    'timeline.watch': ({ projectId }, sink) =>
      feedAll(
        sink,
        onDidChange,
        (change) => change.timelines.has(projectId),
        () => byId(views.checkpoints(projectId)),
      ),
    'timeline.watchRollbacks': ({ projectId }, sink) =>
      feedAll(
        sink,
        onDidChange,
        (change) => change.timelines.has(projectId),
        () => byId(views.rollbacks(projectId)),
      ),
    'timeline.checkpoint': ({ projectId, label }) => timeline.checkpoint(projectId, label),
    'timeline.plan': ({ checkpointId }) => timeline.plan(checkpointId),
    'timeline.rollBack': ({ checkpointId, fingerprint }) => timeline.rollBack(checkpointId, fingerprint),
    'timeline.undo': ({ rollbackId }) => timeline.undo(rollbackId),
  };
}
