import type { Disposable } from '#shared/base/disposable.ts';
import type { ContractHandlers, StateSink } from '#shared/contract/handlers.ts';
import type { LaneView } from '#shared/contract/views.ts';
import type { LaneId, ProjectId } from '#shared/model/ids.ts';
import type { Coordinator } from '../coordinator/open-coordinator.ts';
import type { WorkerPort } from '../ports/worker.ts';
import { laneEvents } from './lane-events.ts';
import { laneLog } from './lane-log.ts';
import { LaneRuns } from './lane-runs.ts';

type LaneHandlers = Pick<ContractHandlers, Extract<keyof ContractHandlers, `lane.${string}`>>;

/** `lane.*` */
export function laneHandlers(coordinator: Coordinator, worker: WorkerPort): LaneHandlers {
  const { lanes } = coordinator;
  const runs = new LaneRuns(coordinator, worker);
  /** A call on one lane that answers nothing. */
  const onLane =
    (act: (laneId: LaneId) => Promise<void>) =>
    async ({ laneId }: { laneId: LaneId }): Promise<Record<string, never>> => {
      await act(laneId);
      return {};
    };
  return {
    'lane.watch': ({ projectId }, sink) => feedLanes(coordinator, projectId, sink),
    'lane.spawn': async ({ projectId, agent, count }) => ({ fleet: await lanes.spawn(projectId, agent, count) }),
    'lane.setFleet': async ({ projectId, agent, count }) => ({ fleet: await lanes.setFleet(projectId, agent, count) }),
    'lane.stop': onLane((laneId) => lanes.stop(laneId)),
    'lane.pause': onLane((laneId) => lanes.pause(laneId)),
    'lane.resume': onLane((laneId) => lanes.resume(laneId)),
    'lane.interrupt': onLane((laneId) => lanes.interrupt(laneId)),
    'lane.retry': onLane((laneId) => lanes.retry(laneId)),
    'lane.merge': onLane((laneId) => lanes.merge(laneId)),
    'lane.message': async ({ laneId, text }) => {
      await lanes.message(laneId, text);
      return {};
    },
    'lane.answer': async ({ laneId, requestId, optionId, forLane }) => {
      await lanes.answer(laneId, requestId, optionId, forLane);
      return {};
    },
    'lane.handOver': async ({ laneId, agent }) => {
      await lanes.handOver(laneId, agent);
      return {};
    },
    'lane.diff': ({ laneId }) => lanes.diff(laneId),
    'lane.gates': async ({ laneId }) => lanes.gates(laneId),
    'lane.events': (input, context) => laneEvents(runs, worker, input, context.signal),
    'lane.log': (input, context) => laneLog(runs, worker, input, context.signal),
  };
}

/** All rows first, then only those that changed: 700 lanes are not computed for one of them. */
function feedLanes(coordinator: Coordinator, projectId: ProjectId, sink: StateSink<LaneView>): Disposable {
  const { views, onDidChange } = coordinator;
  const shown = new Set<string>();
  for (const lane of views.lanes(projectId)) {
    shown.add(lane.id);
    sink.set(lane.id, lane);
  }
  return onDidChange((change) => {
    for (const laneId of change.lanes) {
      const lane = views.lane(laneId);
      if (lane?.projectId === projectId) {
        shown.add(laneId);
        sink.set(laneId, lane);
      } else if (shown.delete(laneId)) sink.delete(laneId);
    }
  });
}
