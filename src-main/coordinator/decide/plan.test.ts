import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskKey } from '#shared/model/ids.ts';
import { describePlanProblems, parsePlan } from './plan.ts';

function problemsOf(text: string): string {
  const outcome = parsePlan('plan.yaml', text);
  return outcome.ok ? 'no problem' : describePlanProblems(outcome.error);
}

describe('parsePlan', () => {
  it('reads every key and fills in what is left out', () => {
    const outcome = parsePlan(
      'plan.yaml',
      `
tasks:
  - id: T-1
    title: First
    prompt: |
      Do this.
      And that.
  - id: T-2
    title: Second
    prompt: go
    dependsOn: [T-1]
    priority: 1
    phase: Verify
    paths: [src/a.ts]
    agent: "command:make it"
    gate: npm test
`,
    );
    expect(outcome).toEqual({
      ok: true,
      value: [
        {
          key: 'T-1',
          title: 'First',
          prompt: 'Do this.\nAnd that.\n',
          dependsOn: [],
          priority: 3,
          phase: '',
          paths: [],
          agent: null,
          gate: null,
        },
        {
          key: 'T-2',
          title: 'Second',
          prompt: 'go',
          dependsOn: ['T-1'],
          priority: 1,
          phase: 'Verify',
          paths: ['src/a.ts'],
          agent: 'command:make it',
          gate: 'npm test',
        },
      ],
    });
  });

  it.each([
    ['', 'plan.yaml:1:1: Expected "tasks:" with a list of tasks, found nothing.'],
    ['- a', 'plan.yaml:1:1: Expected "tasks:" with a list of tasks, found a list.'],
    ['tasks: 3', 'plan.yaml:1:8: Expected "tasks:" with a list of tasks, found the number 3.'],
    ['tasks: []', 'plan.yaml:1:8: The plan has no tasks. Expected at least one.'],
    ['tasks: [x]', 'plan.yaml:1:9: Expected a task with id, title and prompt, found text.'],
    ['tasks: [{id: a, title: t}]', 'plan.yaml:1:9: This task has no "prompt". Expected text.'],
    [
      'tasks: [{id: 7, title: t, prompt: p}]',
      'plan.yaml:1:14: "id" is the number 7. Expected text. Put quotes around it: "7".',
    ],
    [
      'tasks: [{id: a b, title: t, prompt: p}]',
      'plan.yaml:1:14: "id" is not as expected: expected letters, digits, dot, dash and underscore, at most 64.',
    ],
    [
      'tasks: [{id: a, title: t, prompt: p, depends: [b]}]',
      'plan.yaml:1:38: Unknown key "depends". Expected one of id, title, prompt, dependsOn, priority, phase, paths, agent, gate.',
    ],
    [
      'tasks: [{id: a, title: t, prompt: p, dependsOn: b}]',
      'plan.yaml:1:49: "dependsOn" is text. Expected a list such as [T-1, T-2].',
    ],
    [
      'tasks: [{id: a, title: t, prompt: p, priority: 9}]',
      'plan.yaml:1:48: "priority" is not as expected: expected a whole number from 1 (most urgent) to 5.',
    ],
    [
      'tasks: [{id: a, title: t, prompt: p, priority: high}]',
      'plan.yaml:1:48: "priority" is text. Expected a whole number from 1 to 5.',
    ],
    [
      'tasks: [{id: a, title: t, prompt: p, agent: cursor}]',
      'plan.yaml:1:45: Unknown agent "cursor". Expected demo, codex, claude, opencode, gemini, acp:COMMAND or command:COMMAND.',
    ],
  ])('says what is wrong with %j', (text, message) => {
    expect(problemsOf(text)).toBe(message);
  });

  it('names a duplicate id, an unknown dependency and a circle with their places', () => {
    expect(
      problemsOf(`tasks:
  - { id: a, title: A, prompt: p, dependsOn: [c] }
  - { id: b, title: B, prompt: p, dependsOn: [a, zz] }
  - { id: c, title: C, prompt: p, dependsOn: [b] }
  - { id: a, title: D, prompt: p }
`),
    ).toBe(
      [
        'plan.yaml:5:11: The id "a" is used twice, first in line 2. Expected an id of its own for each task.',
        'plan.yaml:3:50: "b" depends on "zz", which is not in the plan. Expected the id of a task.',
        'plan.yaml:2:47: These tasks wait for each other: a → c → b → a. Expected dependencies without a circle.',
      ].join('\n'),
    );
  });

  it('reports broken YAML with its place', () => {
    expect(problemsOf('tasks:\n  - id: [a')).toMatch(/^plan\.yaml:\d+:\d+: This is not valid YAML: /);
  });

  it('accepts dependencies on tasks that exist already', () => {
    const text = 'tasks: [{id: b, title: t, prompt: p, dependsOn: [a]}]';
    expect(parsePlan('p', text, new Set(['a' as TaskKey])).ok).toBe(true);
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parsePlan('p', text).ok === 'boolean'));
  });
});
