import { expect, test } from 'vitest';
import type { ItemOf } from '#shared/contract/contract.ts';
import type { AgentEvent } from '#shared/model/agent-event.ts';
import { EventStory } from './event-items.ts';

function story(...events: (AgentEvent & { run?: string })[]): EventStory {
  const told = new EventStory();
  told.append(
    events.map(
      ({ run = 'run-aaaaaaaa', ...event }, at) =>
        ({ runId: run, entry: { seq: at + 1, atMs: at, event } }) as ItemOf<'lane.events'>,
    ),
  );
  return told;
}
const tool = (change: Partial<Extract<AgentEvent, { type: 'tool' }>>): AgentEvent => ({
  type: 'tool',
  toolId: 't1',
  kind: 'command',
  title: 'npm test',
  status: 'running',
  command: 'npm test',
  paths: [],
  exitCode: null,
  output: null,
  durationMs: null,
  ...change,
});

test('a tool call and its updates are one line, at the time it began', () => {
  const { items } = story(tool({}), { type: 'thought', text: 'hm' }, tool({ status: 'completed', exitCode: 0 }));
  expect(items.map((item) => item.kind)).toEqual(['tool', 'thought']);
  expect(items[0]).toMatchObject({ atMs: 0, tool: { status: 'completed' } });
});

test('files read in a row are one line', () => {
  const read = (path: string, toolId: string): AgentEvent =>
    tool({ kind: 'read', toolId, paths: [path], status: 'completed' });
  const { items } = story(read('a.ts', '1'), read('b.ts', '2'), read('a.ts', '3'));
  expect(items).toMatchObject([{ kind: 'reads', paths: ['a.ts', 'b.ts'] }]);
});

test('a request gets its answer', () => {
  const ask: AgentEvent = { type: 'permission', requestId: 'r', title: 'Run', command: 'rm x', options: [] };
  const { items } = story(ask, { type: 'permission-resolved', requestId: 'r', optionId: 'no', allowed: false });
  expect(items).toMatchObject([{ kind: 'permission', answer: 'denied' }]);
});

test('an edit is not told a second time by its file change', () => {
  const { items } = story(tool({ kind: 'edit', paths: ['a.ts'], status: 'completed' }), {
    type: 'file-change',
    path: 'a.ts',
    kind: 'update',
  });
  expect(items.map((item) => item.kind)).toEqual(['tool']);
});

test('a plan is one line that changes, and a second run is announced', () => {
  const plan = (status: 'pending' | 'completed'): AgentEvent => ({ type: 'plan', steps: [{ text: 'one', status }] });
  const { items } = story(plan('pending'), plan('completed'), {
    type: 'message',
    author: 'agent',
    text: 'hi',
    run: 'run-bbbbbbbb',
  });
  expect(items.map((item) => item.kind)).toEqual(['plan', 'run', 'say']);
  expect(items[0]).toMatchObject({ plan: { steps: [{ status: 'completed' }] } });
});

test('what an agent says is text', () => {
  const { items } = story({ type: 'message', author: 'agent', text: '\u001b[31m<b>x</b>\u0007' });
  expect(items).toMatchObject([{ text: '<b>x</b>' }]);
});

test('a summary that only repeats the last message is not told again', () => {
  const end = (summary: string): AgentEvent => ({ type: 'end', outcome: { kind: 'ok', summary } });
  const said: AgentEvent = { type: 'message', author: 'agent', text: 'All done.' };
  expect(story(said, end('All done.')).items.at(-1)).toMatchObject({ kind: 'end', outcome: { summary: '' } });
  expect(story(said, end('Two files.')).items.at(-1)).toMatchObject({ outcome: { summary: 'Two files.' } });
});
