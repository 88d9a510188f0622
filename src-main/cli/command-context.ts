/** What every command about services works with. */
import { resolve } from 'node:path';
import type { ContractClient } from '#shared/contract/client.ts';
import type { InputOf, StateStreamName, ValueOf } from '#shared/contract/contract.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ServiceView } from '#shared/contract/service-views.ts';
import type { ProjectView } from '#shared/contract/views.ts';
import { mainStack, type StackName, stackNameSchema } from '#shared/model/service-ids.ts';
import { chosenProject } from './chosen-project.ts';
import type { Terminal } from './run-command.ts';
import type { ServiceArguments } from './service-arguments.ts';
import { watchMap } from './watched-map.ts';

/** How a command ended, as `main.ts` makes it an exit code. */
export type Outcome = 'done' | 'refused' | 'interrupted';

/** A terminal on which a person may be asked. */
export interface AskingTerminal extends Terminal {
  /** Whether a person can answer. */
  readonly isInteractive: boolean;
  readonly isColoured: boolean;
  /** True for yes. */
  ask(question: string): Promise<boolean>;
  /** All of standard input. */
  readInput(): Promise<Uint8Array>;
  /** Bytes as they are, to standard output. */
  write(bytes: Uint8Array): void;
}

export interface CommandContext {
  readonly client: ContractClient;
  readonly args: ServiceArguments;
  readonly terminal: AskingTerminal;
  readonly interrupted: AbortSignal;
  /** The host was started for this command: what it begins is only carried out while it waits. */
  readonly ownsHost: boolean;
}

/** The project that is meant: `--repo`, `--project`, or the one of this folder. */
export async function projectOf({ client, args }: CommandContext): Promise<ProjectView> {
  const repo = args.text('repo');
  if (repo !== null) return client.call('project.open', { path: resolve(repo) });
  return chosenProject(client, args.text('project'));
}

/** What `--stack` says. */
export function stackOf({ args }: CommandContext): StackName {
  const stack = args.text('stack');
  if (stack === null) return mainStack;
  const parsed = stackNameSchema.safeParse(stack);
  if (parsed.success) return parsed.data;
  throw new GantryError('invalid-input', `--stack takes main or lane-N, not "${stack}".`);
}

/** The service that the first operand names, as `api` or `lane-3/api`. */
export async function serviceOf(context: CommandContext): Promise<ServiceView> {
  const [wanted = ''] = context.args.operands;
  const name = wanted.includes('/') ? wanted : `${stackOf(context)}/${wanted}`;
  const services = await valuesOf(context, 'service.watch', { projectId: (await projectOf(context)).id });
  const found = services.find((service) => `${service.stack}/${service.name}` === name);
  if (found !== undefined) return found;
  const names = services.map((service) =>
    service.stack === mainStack ? service.name : `${service.stack}/${service.name}`,
  );
  throw new GantryError(
    'not-found',
    `There is no service "${wanted}". ${names.length === 0 ? 'This project has none yet.' : `There are ${names.sort().join(', ')}.`}`,
  );
}

/** What a stream shows now. */
export async function valuesOf<Name extends StateStreamName>(
  { client }: Pick<CommandContext, 'client'>,
  name: Name,
  input: InputOf<Name>,
): Promise<ValueOf<Name>[]> {
  const watched = await watchMap(client, name, input);
  watched.dispose();
  return [...watched.values.values()];
}

/** Asks before something is done that cannot be taken back; `--yes` answers. Throws where nobody can be asked. */
export async function confirm({ args, terminal }: CommandContext, question: string): Promise<boolean> {
  if (args.isGiven('yes')) return true;
  if (!terminal.isInteractive) {
    throw new GantryError('invalid-input', `${question} Nobody can be asked here; say --yes. Nothing was changed.`);
  }
  if (await terminal.ask(`${question} [y/N] `)) return true;
  terminal.progress('Nothing was changed.');
  return false;
}
