import { describe, expect, it } from 'vitest';
import type { AgentEvent, JournalEntry } from '#shared/model/agent-event.ts';
import {
  activityBars,
  activityBucketMs,
  activityBuckets,
  beginRun,
  type LaneActivity,
  reduceEntries,
  silentActivity,
} from './lane-activity.ts';

const run = (number: number) => `run-00000000r0n${number}` as never;
const usage = (inputTokens: number) => ({ inputTokens, outputTokens: 1, cachedTokens: 0, costUsd: null });

function after(...events: AgentEvent[]): LaneActivity {
  return reduceEntries(
    beginRun(silentActivity, run(1)),
    events.map((event, index): JournalEntry => ({ seq: index + 1, atMs: 1_000 + index, event })),
  );
}

const tool = (change: Partial<Extract<AgentEvent, { type: 'tool' }>>): AgentEvent => ({
  type: 'tool',
  toolId: '1',
  kind: 'command',
  title: 'Run',
  status: 'running',
  command: null,
  paths: [],
  exitCode: null,
  output: null,
  durationMs: null,
  ...change,
});

const ask: AgentEvent = {
  type: 'permission',
  requestId: 'q',
  title: 'Wants to install',
  command: 'npm i',
  options: [],
};

describe('reduceEntries', () => {
  it.each<[AgentEvent, string]>([
    [tool({ command: 'npm test\nnpm run lint' }), 'Running npm test'],
    [tool({ kind: 'edit', paths: ['src/api.ts'] }), 'Editing src/api.ts'],
    [tool({ kind: 'read', title: 'README.md' }), 'Reading README.md'],
    [tool({ kind: 'command', command: 'false', status: 'failed' }), 'Failed: Running false'],
    [{ type: 'message', author: 'agent', text: '\n  Now the tests.\nMore' }, 'Now the tests.'],
    [{ type: 'thought', text: 'hm' }, 'Thinking'],
    [{ type: 'file-change', path: 'a.ts', kind: 'add' }, 'Added a.ts'],
    [{ type: 'retry', message: '429' }, 'Tries again: 429'],
    [{ type: 'end', outcome: { kind: 'ok', summary: 'Done.' } }, 'Done.'],
  ])('says in a few words what %j means', (event, step) => {
    expect(after(event).step).toBe(step);
  });

  it('keeps a request until it is answered, and drops it when the run ends', () => {
    expect(after(ask).asks).toHaveLength(1);
    expect(after(ask, ask).asks).toHaveLength(1);
    expect(after(ask, { type: 'permission-resolved', requestId: 'q', optionId: null, allowed: false }).asks).toEqual(
      [],
    );
    expect(after(ask, { type: 'end', outcome: { kind: 'stopped', detail: '' } }).asks).toEqual([]);
  });

  it('waits for the person after a turn, until something happens', () => {
    expect(after({ type: 'turn-end', summary: 'Which one?' }).question).toBe('Which one?');
    expect(
      after({ type: 'turn-end', summary: '' }, { type: 'message', author: 'user', text: 'this' }).question,
    ).toBeNull();
  });

  it('adds the usage of runs, not of events', () => {
    const first = after({ type: 'usage', usage: usage(5) }, { type: 'usage', usage: usage(9) });
    const second = reduceEntries(beginRun(first, run(2)), [
      { seq: 1, atMs: 2_000, event: { type: 'usage', usage: { ...usage(4), costUsd: 0.5 } } },
    ]);
    expect(second.usage).toEqual({ inputTokens: 13, outputTokens: 2, cachedTokens: 0, costUsd: 0.5 });
  });

  it('ignores entries that it has seen', () => {
    const once = after(ask);
    expect(reduceEntries(once, [{ seq: 1, atMs: 1_000, event: ask }])).toBe(once);
  });
});

describe('activityBars', () => {
  it('moves with time and forgets after five minutes', () => {
    const activity = after(tool({}), tool({}));
    expect(activityBars(activity, 1_000)).toHaveLength(activityBuckets);
    expect(activityBars(activity, 1_000).at(-1)).toBe(2);
    expect(activityBars(activity, 1_000 + 3 * activityBucketMs).at(-4)).toBe(2);
    expect(activityBars(activity, 1_000 + activityBuckets * activityBucketMs).some((count) => count > 0)).toBe(false);
  });
});
