/** Reads the command line. Pure: what is wrong is an answer, not an exit. */
import { parseArgs } from 'node:util';
import { type Result, fail, ok } from '#shared/base/result.ts';

const commandNames = [
  'run',
  'status',
  'tasks',
  'lanes',
  'cluster',
  'timeline',
  'rollback',
  'undo',
  'shutdown',
  'help',
] as const;
export type CommandName = (typeof commandNames)[number];

/** A command line that makes sense. */
export interface Arguments {
  readonly command: CommandName;
  /** What stands after the command: an id for rollback and undo. */
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly yes: boolean;
  readonly home: string | null;
  readonly project: string | null;
  readonly repo: string | null;
  readonly plan: string | null;
  readonly agents: number;
  readonly agent: string;
  readonly gates: readonly string[];
  readonly target: string | null;
}

function isCommand(name: string): name is CommandName {
  return (commandNames as readonly string[]).includes(name);
}

/** Answers the arguments, or one sentence that says what is wrong with them. */
export function readArguments(argv: readonly string[]): Result<Arguments, string> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const [name = 'help', ...operands] = positionals;
  if (values.help) return ok(withDefaults('help', [], values, 3));
  if (!isCommand(name)) return fail(`There is no command "${name}".`);

  const agents = values.agents === undefined ? 3 : Number(values.agents);
  if (!Number.isInteger(agents) || agents < 1 || agents > 100) {
    return fail(`--agents takes a whole number from 1 to 100, not "${values.agents}".`);
  }
  if (name === 'run' && values.plan === undefined) return fail('run needs a plan: --plan FILE.');
  const needsOperand = name === 'rollback' || name === 'undo';
  if (needsOperand && operands.length !== 1) return fail(`${name} takes exactly one id; "gantry timeline" lists them.`);
  if (!needsOperand && operands.length > 0) return fail(`${name} takes no "${operands[0]}".`);
  return ok(withDefaults(name, operands, values, agents));
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    strict: true,
    options: {
      json: { type: 'boolean' },
      yes: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      home: { type: 'string' },
      project: { type: 'string' },
      repo: { type: 'string' },
      plan: { type: 'string' },
      agents: { type: 'string' },
      agent: { type: 'string' },
      gate: { type: 'string', multiple: true },
      target: { type: 'string' },
    },
  });
}

function withDefaults(
  command: CommandName,
  operands: readonly string[],
  values: ReturnType<typeof parse>['values'],
  agents: number,
): Arguments {
  return {
    command,
    operands,
    agents,
    json: values.json ?? false,
    yes: values.yes ?? false,
    home: values.home ?? null,
    project: values.project ?? null,
    repo: values.repo ?? null,
    plan: values.plan ?? null,
    agent: values.agent ?? 'demo',
    gates: values.gate ?? [],
    target: values.target ?? null,
  };
}
