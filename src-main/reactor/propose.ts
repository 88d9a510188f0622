/** Proposes commands at the present time: what all reactors do with what they decided. */
import { GantryError } from '#shared/contract/error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Command, CommandKind, CommandOf, CommandOutcome, CommandValue } from '../state/command.ts';
import type { ControlStore } from '../state/control-store.ts';

type WithoutTime<C> = C extends unknown ? Omit<C, 'atMs'> : never;
/** A command that is stamped with the time when it is proposed. */
export type UnstampedCommand<Kind extends CommandKind = CommandKind> = WithoutTime<CommandOf<Kind>>;

/** Where commands go, and whose time they carry. */
export interface Proposer {
  readonly store: ControlStore;
  readonly clock: Clock;
}

/** Proposes a command at the present time and answers what applying it said. */
export function propose<Kind extends CommandKind>(
  proposer: Proposer,
  command: UnstampedCommand<Kind> & { kind: Kind },
): Promise<CommandOutcome<Kind>> {
  const stamped = { ...command, atMs: proposer.clock.nowMs() } as unknown as CommandOf<Kind> & Command;
  return proposer.store.propose<Kind>(stamped);
}

/** Proposes a command that a person asked for: a refusal is thrown as a `GantryError`. */
export async function proposeOrThrow<Kind extends CommandKind>(
  proposer: Proposer,
  command: UnstampedCommand<Kind> & { kind: Kind },
): Promise<CommandValue<Kind>> {
  const outcome = await propose<Kind>(proposer, command);
  if (!outcome.ok) throw new GantryError(outcome.error.code, outcome.error.message);
  return outcome.value;
}
