/** Completion scripts for shells, made from the table of commands. */
import {
  type CommandShape,
  commonOptions,
  serviceCommands,
  type ServiceOption,
  serviceOptions,
} from './command-table.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

const otherCommands = [
  'run',
  'status',
  'tasks',
  'lanes',
  'cluster',
  'timeline',
  'rollback',
  'undo',
  'shutdown',
  'completion',
  'help',
];
const shapes: readonly CommandShape[] = serviceCommands;
const fileOptions: readonly ServiceOption[] = ['file', 'from-file', 'repo', 'home'];

/** A script that a shell reads: `source <(gantry completion bash)`. */
export function completionScript(shell: Shell): string {
  if (shell === 'fish') return fish();
  // zsh understands bash's completions once it is told to.
  return shell === 'zsh' ? `#compdef gantry\nautoload -U +X bashcompinit && bashcompinit\n${bash()}` : bash();
}

function nouns(): string[] {
  return [...new Set(shapes.map(({ words }) => words.split(' ')[0] ?? ''))];
}

function verbsOf(noun: string): string[] {
  return shapes.flatMap(({ words }) => (words.startsWith(`${noun} `) ? [words.slice(noun.length + 1)] : []));
}

function optionsOf(shape: CommandShape): ServiceOption[] {
  return [...new Set([...shape.options, ...commonOptions])];
}

function bash(): string {
  const first = [...nouns(), ...otherCommands].join(' ');
  const verbs = nouns()
    .filter((noun) => verbsOf(noun).length > 0)
    .map((noun) => `    ${noun}) COMPREPLY=($(compgen -W "${verbsOf(noun).join(' ')}" -- "$current")); return ;;`);
  const options = shapes.map((shape) => {
    const flags = optionsOf(shape).map((name) => `--${name}`);
    return `    "${shape.words}"|"${shape.words} "*) COMPREPLY=($(compgen -W "${flags.join(' ')}" -- "$current")) ;;`;
  });
  return `# Completion of gantry for bash.
_gantry() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  case "$before" in
    -f|${fileOptions.map((name) => `--${name}`).join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    completion) COMPREPLY=($(compgen -W "${shells.join(' ')}" -- "$current")); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${first}" -- "$current")); return; fi
  if [ "$COMP_CWORD" -eq 2 ]; then case "\${COMP_WORDS[1]}" in
${verbs.join('\n')}
  esac; fi
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${options.join('\n')}
  esac
}
complete -F _gantry gantry
`;
}

function fish(): string {
  const lines = ['# Completion of gantry for fish.', 'complete -c gantry -f'];
  lines.push(`complete -c gantry -n __fish_use_subcommand -a "${[...nouns(), ...otherCommands].join(' ')}"`);
  lines.push(`complete -c gantry -n "__fish_seen_subcommand_from completion" -a "${shells.join(' ')}"`);
  for (const shape of shapes) {
    const [noun = '', verb] = shape.words.split(' ');
    const seenNoun = `__fish_seen_subcommand_from ${noun}`;
    if (verb !== undefined) {
      const others = verbsOf(noun).join(' ');
      lines.push(
        `complete -c gantry -n "${seenNoun}; and not __fish_seen_subcommand_from ${others}" -a ${verb} -d '${quoted(shape.about)}'`,
      );
    }
    const seen = verb === undefined ? seenNoun : `${seenNoun}; and __fish_seen_subcommand_from ${verb}`;
    for (const name of optionsOf(shape)) {
      const { value, about } = serviceOptions[name];
      const takes = value === null ? '' : fileOptions.includes(name) ? ' -r -F' : ' -x';
      lines.push(`complete -c gantry -n "${seen}" -l ${name}${takes} -d '${quoted(about)}'`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return text.replaceAll("'", "\\'");
}
