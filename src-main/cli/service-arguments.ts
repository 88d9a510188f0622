/** Reads the command lines about services. Pure: what is wrong is an answer, not an exit. */
import { parseArgs } from 'node:util';
import { fail, ok, type Result } from '#shared/base/result.ts';
import {
  type CommandShape,
  commonOptions,
  repeatedOptions,
  serviceCommands,
  type ServiceCommandWords,
  type ServiceOption,
  serviceOptions,
} from './command-table.ts';

/** A command line about services that makes sense. */
export interface ServiceArguments {
  readonly words: ServiceCommandWords;
  readonly shape: CommandShape;
  readonly operands: readonly string[];
  /** What stands after `--`. */
  readonly rest: readonly string[];
  /** An option's value; null where it is not given. */
  text(option: ServiceOption): string | null;
  /** All values of an option that may be given several times. */
  texts(option: ServiceOption): readonly string[];
  isGiven(option: ServiceOption): boolean;
}

const shapes: readonly (CommandShape & { words: ServiceCommandWords })[] = serviceCommands;

/** Whether the first word begins a command about services. */
export function isServiceCommand(first: string | undefined): boolean {
  return shapes.some(({ words }) => words.split(' ')[0] === first);
}

/** Help was asked for, about these commands. */
export interface HelpRequest {
  readonly helpAbout: readonly CommandShape[];
}

/** Answers the arguments, for what help is asked, or one sentence that says what is wrong with them. */
export function readServiceArguments(argv: readonly string[]): Result<ServiceArguments | HelpRequest, string> {
  const [noun = '', verb = ''] = argv;
  const shape = shapes.find(({ words }) => words === noun || words === `${noun} ${verb}`);
  if (shape === undefined) {
    const ofNoun = shapes.filter(({ words }) => words.startsWith(`${noun} `));
    if (verb === '--help' || verb === '-h') return ok({ helpAbout: ofNoun });
    const verbs = ofNoun.map(({ words }) => words.split(' ')[1]);
    const what = verb === '' ? `"gantry ${noun}" needs a word after it` : `"gantry ${noun}" has no "${verb}"`;
    return fail(`${what}: ${verbs.join(', ')}.`);
  }
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(shape, argv.slice(shape.words.split(' ').length));
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals, rest } = parsed;
  if (values['help'] === true) return ok({ helpAbout: [shape] });
  const call = ['gantry', shape.words, ...shape.operands].join(' ');
  if (positionals.length < shape.operands.length)
    return fail(`${shape.operands[positionals.length]} is missing: ${call}.`);
  if (positionals.length > shape.operands.length) {
    return fail(`"${positionals[shape.operands.length]}" is too much: ${call}.`);
  }
  if (rest.length > 0 && shape.takesRest !== true) return fail(`${shape.words} takes no command after "--".`);
  if (shape.words === 'apply' && values['file'] === undefined) return fail('apply needs a file: gantry apply -f FILE.');
  return ok({
    words: shape.words,
    shape,
    operands: positionals,
    rest,
    text: (option) => (typeof values[option] === 'string' ? values[option] : null),
    texts: (option) => {
      const value = values[option];
      return Array.isArray(value) ? value.map(String) : [];
    },
    isGiven: (option) => values[option] !== undefined,
  });
}

function parse(shape: CommandShape, argv: readonly string[]) {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  const names = [...new Set([...shape.options, ...commonOptions])];
  const options: Record<string, { type: 'string' | 'boolean'; short?: string; multiple?: boolean }> = {
    help: { type: 'boolean', short: 'h' },
  };
  for (const name of names) {
    options[name] = {
      type: serviceOptions[name].value === null ? 'boolean' : 'string',
      ...(shape.short === name ? { short: 'f' } : {}),
      ...(repeatedOptions.includes(name) ? { multiple: true } : {}),
    };
  }
  const { values, positionals } = parseArgs({ args: [...own], allowPositionals: true, strict: true, options });
  return { values, positionals, rest: end < 0 ? [] : argv.slice(end + 1) };
}
