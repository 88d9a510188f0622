import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type CommandShape, serviceCommands } from './command-table.ts';
import { completionScript } from './completion.ts';
import { isServiceCommand, readServiceArguments } from './service-arguments.ts';

function read(line: string) {
  return readServiceArguments(line.split(' '));
}

describe('readServiceArguments', () => {
  it('reads what follows a command, its options and the command of a replica', () => {
    const result = read('service exec api --replica api.2 -- ls -f /');
    if (!result.ok || result.value === null) throw new Error('It was refused.');
    const { words, operands, rest } = result.value;
    expect({ words, operands, rest }).toEqual({ words: 'service exec', operands: ['api'], rest: ['ls', '-f', '/'] });
    expect(result.value.text('replica')).toBe('api.2');
    expect(result.value.text('stack')).toBeNull();
  });

  it('takes -f for a file of apply and for following logs', () => {
    const file = read('apply -f stack.yaml --yes');
    const logs = read('service logs api -f');
    expect(file.ok && file.value?.text('file')).toBe('stack.yaml');
    expect(logs.ok && logs.value?.isGiven('follow')).toBe(true);
  });

  it('takes some options several times', () => {
    const result = read('service deploy api --env A=1 --env B=2');
    expect(result.ok && result.value?.texts('env')).toEqual(['A=1', 'B=2']);
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

  it.each(['service --help', 'apply --help', 'secret set --help'])('answers help to "%s"', (line) => {
    expect(read(line)).toEqual({ ok: true, value: null });
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
