import type { CommandKind, CommandOf, CommandOutcome } from '../command.ts';
import type { Tables } from './tables.ts';

/** Where one command is applied. */
export interface Step {
  readonly tables: Tables;
  /** The command's log index. */
  readonly index: number;
}

/**
 * The rule of one kind of command: looks, then writes, then answers. Deterministic: all it
 * knows is the tables, the index and the command.
 */
export type Rule<Kind extends CommandKind> = (step: Step, command: CommandOf<Kind>) => CommandOutcome<Kind>;
