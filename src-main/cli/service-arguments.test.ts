import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandHelp, commonOptions, type CommandShape, serviceCommands } from './command-table.ts';
import { completionScript } from './completion.ts';
import { isServiceCommand, readServiceArguments, type ServiceArguments } from './service-arguments.ts';

function read(line: string) {
  return readServiceArguments(line.split(' '));
}

/** As `read`, for a line that makes sense. */
function args(line: string): ServiceArguments {
  const result = read(line);
  if (!result.ok || 'helpAbout' in result.value) throw new Error(`"${line}" was not taken.`);
  return result.value;
}

describe('readServiceArguments', () => {
  it('reads what follows a command, its options and the command of a replica', () => {
    const result = args('service exec api --replica api.2 -- ls -f /');
    const { words, operands, rest } = result;
    expect({ words, operands, rest }).toEqual({ words: 'service exec', operands: ['api'], rest: ['ls', '-f', '/'] });
    expect(result.text('replica')).toBe('api.2');
    expect(result.text('stack')).toBeNull();
  });

  it('takes -f for a file of apply and for following logs', () => {
    expect(args('apply -f stack.yaml --yes').text('file')).toBe('stack.yaml');
    expect(args('service logs api -f').isGiven('follow')).toBe(true);
  });

  it('takes some options several times', () => {
    expect(args('service deploy api --env A=1 --env B=2').texts('env')).toEqual(['A=1', 'B=2']);
  });

  it.each([
    ['service', /needs a word after it: ls, show/],
    ['service fly', /has no "fly"/],
    ['service scale api', /REPLICAS is missing: gantry service scale NAME REPLICAS/],
    ['service show api web', /"web" is too much/],
    ['service ls --image x', /image/],
    ['service show api -- ls', /takes no command after "--"/],
    ['apply', /needs a file/],
    ['secret set', /NAME is missing/],
  ])('refuses "%s" and says why', (line, why) => {
    const result = read(line);
    expect(result.ok ? '' : result.error).toMatch(why);
  });

  it.each([
    ['secret --help', ['secret set', 'secret ls', 'secret rm', 'secret rollout', 'secret rotate-key']],
    ['apply --help', ['apply']],
    ['secret set --help', ['secret set']],
  ])('answers help to "%s"', (line, about) => {
    const result = read(line);
    if (!result.ok || !('helpAbout' in result.value)) throw new Error('It is no help.');
    expect(result.value.helpAbout.map(({ words }) => words)).toEqual(about);
  });

  it('takes every option that the help of a command names, and the help names them all', () => {
    for (const shape of serviceCommands as readonly CommandShape[]) {
      const [call = '', , ...lines] = commandHelp([shape]).filter((line) => line !== '');
      expect(call).toBe(
        `gantry ${[shape.words, ...shape.operands].join(' ')}${shape.takesRest ? ' -- COMMAND…' : ''} [OPTIONS]`,
      );
      expect(lines.length).toBe(new Set([...shape.options, ...commonOptions]).size);
      const given = lines.flatMap((line) => {
        const [, option = '', value] = /(--[a-z-]+)(?: ([A-Z]+\S*))? {1,}/.exec(line) ?? [];
        return value === undefined ? [option] : [option, 'x'];
      });
      const line = [...shape.words.split(' '), ...shape.operands, ...given];
      expect(readServiceArguments(line), line.join(' ')).toMatchObject({ ok: true });
    }
  });

  it('leaves other commands to others', () => {
    expect(['run', 'status', undefined, 'help'].filter(isServiceCommand)).toEqual([]);
  });
});

describe('completionScript', () => {
  it('completes words, commands and options in bash', () => {
    const complete = (...words: string[]): string[] => {
      const line = words.map((word) => `'${word}'`).join(' ');
      const script = `${completionScript('bash')}COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _gantry; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
    };
    expect(complete('gantry', 'serv')).toEqual(['service']);
    expect(complete('gantry', 'service', 're')).toEqual(['restart', 'resume']);
    expect(complete('gantry', 'service', 'scale', 'api', '--det')).toEqual(['--detach']);
    expect(complete('gantry', 'completion', 'z')).toEqual(['zsh']);
  });

  it('names every command and option for fish, and loads in zsh by way of bash', () => {
    const fish = completionScript('fish');
    for (const { words, options } of serviceCommands as readonly CommandShape[]) {
      expect(fish).toContain(words.split(' ').at(-1));
      for (const name of options) expect(fish).toContain(`-l ${name}`);
    }
    expect(completionScript('zsh')).toContain('bashcompinit');
  });
});
