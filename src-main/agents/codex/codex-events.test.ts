import { expect, it } from 'vitest';
import { readCodexLine } from './codex-events.ts';

const cwd = '/work tree';

function read(line: object) {
  return readCodexLine(JSON.stringify(line), cwd);
}

it('reads a session and its totals', () => {
  expect(read({ type: 'thread.started', thread_id: 'abc' }).events).toEqual([{ type: 'session', sessionId: 'abc' }]);
  const usage = { input_tokens: 5, cached_input_tokens: 2, output_tokens: 3, reasoning_output_tokens: 1 };
  expect(read({ type: 'turn.completed', usage })).toEqual({
    events: [{ type: 'usage', usage: { inputTokens: 5, cachedTokens: 2, outputTokens: 3, costUsd: null } }],
    terminal: { kind: 'completed' },
  });
});

it('tells a retry from an end', () => {
  expect(read({ type: 'error', message: 'Reconnecting... 1/5' })).toEqual({
    events: [{ type: 'retry', message: 'Reconnecting... 1/5' }],
    terminal: null,
  });
  expect(read({ type: 'turn.failed', error: { message: 'gone' } }).terminal).toEqual({
    kind: 'failed',
    message: 'gone',
  });
});

it('reads commands without the shell around them', () => {
  const item = {
    id: 'i1',
    type: 'command_execution',
    command: "/bin/bash -lc 'ls -l'",
    aggregated_output: 'a\n',
    exit_code: 2,
    status: 'failed',
  };
  expect(read({ type: 'item.completed', item }).events).toEqual([
    {
      type: 'tool',
      toolId: 'i1',
      kind: 'command',
      title: 'ls -l',
      command: 'ls -l',
      status: 'failed',
      exitCode: 2,
      output: 'a\n',
      paths: [],
      durationMs: null,
    },
  ]);
});

it('reads file changes as seen from the worktree', () => {
  const changes = [
    { path: '/work tree/src/a.ts', kind: 'add' },
    { path: '/etc/passwd', kind: 'update' },
  ];
  const { events } = read({
    type: 'item.completed',
    item: { id: 'i2', type: 'file_change', changes, status: 'completed' },
  });
  expect(events.slice(1)).toEqual([
    { type: 'file-change', path: 'src/a.ts', kind: 'add' },
    { type: 'file-change', path: '/etc/passwd', kind: 'update' },
  ]);
});

it('reads a list of things to do as a plan', () => {
  const items = [true, false, false].map((completed, at) => ({ text: `step ${at}`, completed }));
  const { events } = read({ type: 'item.updated', item: { id: 'i3', type: 'todo_list', items } });
  expect(events).toEqual([
    {
      type: 'plan',
      steps: [
        { text: 'step 0', status: 'completed' },
        { text: 'step 1', status: 'running' },
        { text: 'step 2', status: 'pending' },
      ],
    },
  ]);
});

it.each(['not json', '{"type":"item.completed","item":{"id":"x","type":"novelty"}}', '{"type":"brand.new"}'])(
  'passes on what it does not know: %s',
  (line) => expect(readCodexLine(line, cwd)).toEqual({ events: [{ type: 'raw', line }], terminal: null }),
);
