/** What the orchestrator decides about one service: the answer of `planService`. */
import type { RolloutDecision, RolloutStage } from '#shared/model/service.ts';
import type { HostId } from '#shared/model/service-ids.ts';

/** One thing to do with containers. Each is harmless to repeat. */
export type ReplicaAction =
  /** Makes a container and starts it. */
  | {
      readonly kind: 'create';
      readonly hostId: HostId;
      readonly revision: number;
      readonly slot: number;
      readonly attempt: number;
    }
  /** One that was made and not started, because something came in between. */
  | { readonly kind: 'start'; readonly containerId: string }
  /** Only what takes no traffic and has drained, or whose time for it is over. */
  | { readonly kind: 'stop'; readonly containerId: string; readonly graceMs: number; readonly why: string }
  | { readonly kind: 'remove'; readonly containerId: string; readonly why: string };

/**
 * The traffic that a replica is to have; replicas that are not named have none. All shares of a
 * plan are one change: those that become ready do so before others drain.
 */
export interface TrafficShare {
  readonly containerId: string;
  readonly state: 'ready' | 'drain';
  /** 0–256, relative to the others. */
  readonly weight: number;
}

/** A slot that nothing runs in, and why. */
export interface PendingSlot {
  readonly revision: number;
  readonly slot: number;
  /** "3 hosts: 1 drained, 2 without node.labels.zone == eu". */
  readonly why: string;
  /** When it is tried again by itself; null when something has to change first. */
  readonly retryAtMs: number | null;
}

/**
 * How the rollout moves; at most one move a pass, each a command of the state. Proposed before the
 * plan's actions are done; after an `advance` or an `end` the actions of the next plan count. A
 * failed decision names its replica as `evidence.containerId`, so that its log can be added.
 */
export type RolloutMove =
  | {
      readonly kind: 'advance';
      readonly to: RolloutStage;
      readonly failures: number;
      readonly decisions: readonly RolloutDecision[];
    }
  | {
      readonly kind: 'note';
      readonly failures: number;
      readonly progressed: boolean;
      readonly decisions: readonly RolloutDecision[];
    }
  | { readonly kind: 'pause'; readonly detail: string; readonly decisions: readonly RolloutDecision[] }
  | {
      readonly kind: 'end';
      readonly outcome: 'succeeded' | 'failed' | 'aborted';
      readonly detail: string;
      readonly decisions: readonly RolloutDecision[];
      readonly keepPreviousUntilMs: number | null;
      /** The revision that an automatic rollback goes to. */
      readonly backTo: number | null;
    }
  | { readonly kind: 'release-previous' };

/** What the view shows while a rollout goes on. */
export interface RolloutProgress {
  /** One sentence: what it does, or what it waits for and how long. */
  readonly waitsFor: string | null;
  readonly healthy: number;
  readonly wanted: number;
  /** Share of the traffic that the new revision has, 0–100. */
  readonly weightPercent: number;
  /** A canary's limits with what was measured. */
  readonly limits: readonly {
    readonly name: string;
    readonly value: number | null;
    readonly max: number;
    readonly unit: string;
  }[];
}

export interface ServicePlan {
  readonly actions: readonly ReplicaAction[];
  readonly traffic: readonly TrafficShare[];
  /** How many replicas are replaced at a time; 0 where none are. */
  readonly parallelism: number;
  readonly move: RolloutMove | null;
  /** Images that have to be on these hosts before the actions can go on: asked for by `preparing`. */
  readonly prepare: readonly { readonly hostId: HostId; readonly revision: number }[];
  readonly pending: readonly PendingSlot[];
  readonly progress: RolloutProgress | null;
  /** When time alone will change the plan; null when only an event can. */
  readonly wakeAtMs: number | null;
}
