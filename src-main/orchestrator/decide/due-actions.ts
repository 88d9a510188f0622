/** Which of a plan's actions are begun now. Pure. Engines do much at once slowly: what brings up what serves comes first. */
import type { Replica } from './facts.ts';
import { isHealthy } from './replica-state.ts';
import type { ReplicaAction, ServicePlan } from './service-plan.ts';

/** As many containers of a service are made at once. */
const createsAtOnceMax = 8;

/** How many actions of a kind the service has under way. */
export interface UnderWay {
  readonly creates: number;
  readonly stops: number;
  /** Secrets that are let go: what is released now might be just what a new container mounts. */
  readonly clears: number;
}

export interface DueActions {
  readonly actions: readonly ReplicaAction[];
  /** Whether something is on its way to serve, or to its end: what tidies up waits. */
  readonly isReplacing: boolean;
}

/**
 * Of `open` actions, which are those of the plan that are not under way yet. Replicas that have been
 * succeeded and have drained are stopped later while new ones are made: as many at most as are
 * replaced at a time, since they hold memory.
 */
export function dueActions(
  open: readonly ReplicaAction[],
  { parallelism }: Pick<ServicePlan, 'parallelism'>,
  replicas: readonly Replica[],
  underWay: UnderWay,
): DueActions {
  const isReplacing =
    underWay.creates + underWay.stops > 0 ||
    open.some(({ kind }) => kind === 'create' || kind === 'stop') ||
    replicas.some(isChanging);
  const byId = new Map(replicas.map((replica) => [replica.containerId, replica]));
  const createsLeft = underWay.clears > 0 ? 0 : Math.max(0, createsAtOnceMax - underWay.creates);
  const creates = open.filter(({ kind }) => kind === 'create').slice(0, createsLeft);
  let mayWait = underWay.creates + creates.length > 0 ? parallelism : 0;
  const isDue = (action: ReplicaAction): boolean => {
    switch (action.kind) {
      case 'create':
        return creates.includes(action);
      case 'start':
        return underWay.clears === 0;
      case 'remove':
        return !isReplacing;
      case 'stop': {
        const replica = byId.get(action.containerId);
        if (mayWait === 0 || replica === undefined || !isSucceeded(replica, replicas)) return true;
        mayWait -= 1;
        return false;
      }
    }
  };
  return { actions: open.filter(isDue), isReplacing };
}

function isChanging({ phase, health, drainingSinceMs, active }: Replica): boolean {
  return phase === 'running' && (health.status === 'starting' || (drainingSinceMs !== null && active > 0));
}

/** Another one works in its place. */
function isSucceeded({ containerId, slot, hostId }: Replica, replicas: readonly Replica[]): boolean {
  return replicas.some(
    (other) =>
      other.containerId !== containerId &&
      other.slot === slot &&
      other.hostId === hostId &&
      isHealthy(other) &&
      other.traffic !== 'drain' &&
      !other.isStopping,
  );
}
