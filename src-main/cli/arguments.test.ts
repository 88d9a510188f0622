import { describe, expect, it } from 'vitest';
import { readArguments } from './arguments.ts';

function read(line: string) {
  return readArguments(line === '' ? [] : line.split(' '));
}

describe('readArguments', () => {
  it('reads a run with all that it takes', () => {
    const result = readArguments([
      'run',
      '--repo',
      'r',
      '--plan',
      'p.yaml',
      '--agents',
      '5',
      '--agent',
      'command:make it',
      '--gate',
      'a',
      '--gate',
      'b c',
      '--json',
    ]);
    expect(result).toMatchObject({
      ok: true,
      value: {
        command: 'run',
        repo: 'r',
        plan: 'p.yaml',
        agents: 5,
        agent: 'command:make it',
        gates: ['a', 'b c'],
        json: true,
      },
    });
  });

  it.each([
    ['', 'help'],
    ['--help', 'help'],
    ['run --help', 'help'],
    ['lanes', 'lanes'],
  ])('reads "%s" as %s', (line, command) => {
    expect(read(line)).toMatchObject({ ok: true, value: { command } });
  });

  it.each([
    ['run', /needs a plan/],
    ['fly', /no command "fly"/],
    ['run --plan p --agents 0', /whole number from 1 to 100, not "0"/],
    ['run --plan p --agents many', /not "many"/],
    ['run --plan p --colour red', /colour/],
    ['rollback', /exactly one id/],
    ['lanes 3', /takes no "3"/],
  ])('refuses "%s" and says why', (line, why) => {
    const result = read(line);
    expect(result.ok).toBe(false);
    expect(result.ok ? '' : result.error).toMatch(why);
  });
});
