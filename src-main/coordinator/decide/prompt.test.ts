import { describe, expect, it } from 'vitest';
import { buildPrompt, type PromptFacts } from './prompt.ts';
import { main, sampleTask, sampleWorkspace } from './sample.fixture.ts';

const facts = (change: Partial<PromptFacts> = {}): PromptFacts => ({
  task: sampleTask('T-1', { title: 'Say hello', prompt: 'Print hello.\n', paths: ['src/hello.ts'] }),
  workspace: sampleWorkspace,
  targetBranch: main,
  gates: [{ name: 'tests', command: 'npm test', timeoutMs: 1 }],
  reason: { kind: 'first' },
  resumed: false,
  ...change,
});

const conflict = {
  kind: 'conflict',
  conflicts: [{ path: 'src/hello.ts', hunk: '<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs' }],
} as const;
const rejection = { ...conflict, conflicts: [...conflict.conflicts] };

describe('buildPrompt', () => {
  it('tells the task, the place and the gates', () => {
    expect(buildPrompt(facts())).toMatchInlineSnapshot(`
      "Task T-1: Say hello

      Print hello.

      It is expected to touch: src/hello.ts

      About the place you work in:
      - You are in a git worktree of your own, on the branch gantry/1-task, made from main at aaaaaaaaaa. Other agents work in other worktrees at the same time.
      - Change files here only. What you leave uncommitted is committed for you. Do not push, switch branches or merge into main yourself.
      - The ports 41000 to 41009 are yours.
      - Before your work lands, these commands must pass on the merged result:
          npm test
      - When the task is done, end with a short summary of what you changed.
      "
    `);
  });

  it('gives an agent that remembers the task only what is new', () => {
    const reason = { kind: 'rework', style: 'continue', rejection, gate: null } as const;
    const prompt = buildPrompt(facts({ resumed: true, reason }));
    expect(prompt).toMatch(/^Your work could not be merged: main has changed the same places/);
    expect(prompt).toContain('carry conflict markers');
    expect(prompt).toContain('<<<<<<< ours');
  });

  it('says how to decide conflicts that leave no markers', () => {
    const conflicts = [
      ...conflict.conflicts,
      { path: 'old.ts', hunk: 'CONFLICT (modify/delete): old.ts deleted in ours and modified in theirs.' },
      { path: 'logo.png', hunk: '' },
    ];
    const reason = (style: 'continue' | 'restart') =>
      ({ kind: 'rework', style, rejection: { kind: 'conflict', conflicts }, gate: null }) as const;
    const prompt = buildPrompt(facts({ resumed: true, reason: reason('continue') }));
    expect(prompt).toContain(
      'Each counts as undecided until you run git add (to keep it as it lies there) or git rm (to drop it) on it:\n- old.ts\n- logo.png\n',
    );
    expect(buildPrompt(facts({ reason: reason('restart') }))).not.toContain('git rm');
    const marked = { kind: 'rework', style: 'continue', rejection, gate: null } as const;
    expect(buildPrompt(facts({ resumed: true, reason: marked }))).not.toContain('git rm');
  });

  it('gives one that starts afresh the task too, and says where its work went', () => {
    const reason = { kind: 'rework', style: 'restart', rejection, gate: null } as const;
    const prompt = buildPrompt(facts({ reason }));
    expect(prompt).toContain('Print hello.');
    expect(prompt).toContain('Your earlier work was put aside');
  });

  it('shows the end of a failed gate', () => {
    const gate = {
      name: 'tests',
      command: 'npm test',
      state: 'failed',
      exitCode: 1,
      durationMs: 1,
      startedAtMs: 0,
      outputTail: `${'x'.repeat(20_000)}the cause`,
    } as const;
    const reason = {
      kind: 'rework',
      style: 'continue',
      rejection: { kind: 'gate', gate: 'tests', detail: '' },
      gate,
    } as const;
    const prompt = buildPrompt(facts({ reason }));
    expect(prompt).toContain('the gate "tests" (npm test) failed');
    expect(prompt.trimEnd().endsWith('the cause')).toBe(true);
    expect(prompt.length).toBeLessThan(12_000);
  });
});
