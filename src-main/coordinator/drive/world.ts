/** All that the coordinator reaches the world through. */
import type { AgentRef } from '#shared/model/agent.ts';
import type { ControlStore } from '../../state/control-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { GateRunner } from '../../ports/gates.ts';
import type { Git } from '../../ports/git.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { ServiceGuard } from '../../ports/service-guard.ts';
import type { WorkerPort } from '../../ports/worker.ts';
import type { LaneFolders } from './lane-folders.ts';
import type { PortProbe } from './port-ranges.ts';

/** What can be asked of a kind of agent. */
export interface AgentCapability {
  /** `continue`: it resumes its session amid conflict markers. `restart`: it starts afresh on the newest target. */
  readonly rework: 'continue' | 'restart';
  /** The person can write to it while it runs. */
  readonly messages: boolean;
}

/** The ports, handed in so that tests and simulations can own them. */
export interface World {
  readonly store: ControlStore;
  readonly git: Git;
  readonly worker: WorkerPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly gates: GateRunner;
  readonly folders: LaneFolders;
  readonly ports: PortProbe;
  readonly agentCapabilities: (agent: AgentRef) => AgentCapability;
  /** Cares for services before their revisions are taken back. Left out where there are none. */
  readonly services?: ServiceGuard;
  /** Shows what is stored and does what a person asks, but sets nothing to work by itself. */
  readonly viewOnly?: boolean;
}
