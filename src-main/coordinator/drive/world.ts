/** All that the coordinator reaches the world through. */
import type { AgentRef } from '#shared/model/agent.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { Command, CommandKind, CommandOf, CommandOutcome, CommandValue } from '../../state/command.ts';
import type { ControlStore } from '../../state/control-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Git } from '../../ports/git.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { WorkerPort } from '../../ports/worker.ts';
import type { GateRunner } from './gate-runner.ts';
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
  /** Shows what is stored and does what a person asks, but sets nothing to work by itself. */
  readonly viewOnly?: boolean;
}

type WithoutTime<C> = C extends unknown ? Omit<C, 'atMs'> : never;
/** A command that is stamped with the time when it is proposed. */
export type UnstampedCommand<Kind extends CommandKind = CommandKind> = WithoutTime<CommandOf<Kind>>;

/** Proposes a command at the present time and answers what applying it said. */
export function propose<Kind extends CommandKind>(
  world: Pick<World, 'store' | 'clock'>,
  command: UnstampedCommand<Kind> & { kind: Kind },
): Promise<CommandOutcome<Kind>> {
  const stamped = { ...command, atMs: world.clock.nowMs() } as unknown as CommandOf<Kind> & Command;
  return world.store.propose<Kind>(stamped);
}

/** Proposes a command that a person asked for: a refusal is thrown as a `GantryError`. */
export async function proposeOrThrow<Kind extends CommandKind>(
  world: Pick<World, 'store' | 'clock'>,
  command: UnstampedCommand<Kind> & { kind: Kind },
): Promise<CommandValue<Kind>> {
  const outcome = await propose<Kind>(world, command);
  if (!outcome.ok) throw new GantryError(outcome.error.code, outcome.error.message);
  return outcome.value;
}
