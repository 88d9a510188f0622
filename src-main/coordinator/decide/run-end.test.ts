import { describe, expect, it } from 'vitest';
import type { RunOutcome } from '#shared/model/agent-event.ts';
import { decideRunEnd, type RunEndFacts, runsPerRoundMax } from './run-end.ts';

const ok: RunOutcome = { kind: 'ok', summary: 'Did it' };
const failed = (reason: 'exit-code' | 'lost' | 'disk-full' | 'rate-limited'): RunOutcome => ({
  kind: 'failed',
  reason,
  detail: 'It broke.',
  exitCode: 1,
  signal: null,
});
const facts = (change: Partial<RunEndFacts>): RunEndFacts => ({
  outcome: ok,
  endedAgoMs: 5_000,
  filesChanged: 1,
  unmergedPaths: [],
  attempt: 1,
  runsPerRoundMax,
  ...change,
});

describe('decideRunEnd', () => {
  it('submits work of a run that ended well', () => {
    expect(decideRunEnd(facts({}))).toEqual({ kind: 'submit', summary: 'Did it' });
  });

  it('fails the attempt of an agent that changed nothing', () => {
    expect(decideRunEnd(facts({ filesChanged: 0 }))).toMatchObject({
      kind: 'end',
      task: 'reopen',
      end: { kind: 'failed', reason: 'The agent ended without changing anything.' },
    });
  });

  it('runs again where markers are left, and gives up after a few runs', () => {
    const unmergedPaths = ['src/a.ts'];
    expect(decideRunEnd(facts({ unmergedPaths }))).toMatchObject({ kind: 'run-again' });
    expect(decideRunEnd(facts({ unmergedPaths, attempt: runsPerRoundMax }))).toMatchObject({
      kind: 'end',
      task: 'reopen',
    });
  });

  it.each(['lost', 'disk-full'] as const)('goes on after a run that ended by %s, at no cost to the task', (reason) => {
    expect(decideRunEnd(facts({ outcome: failed(reason) })).kind).toBe('run-again');
    expect(decideRunEnd(facts({ outcome: failed(reason), attempt: runsPerRoundMax }))).toMatchObject({
      task: 'reopen-free',
    });
  });

  it('does not run again right after a full disk ended the last run', () => {
    expect(decideRunEnd(facts({ outcome: failed('disk-full'), endedAgoMs: 2_999 }))).toEqual({ kind: 'wait' });
    expect(decideRunEnd(facts({ outcome: failed('lost'), endedAgoMs: 0 })).kind).toBe('run-again');
  });

  it('goes on after a run that was stopped from outside, at no cost to the task', () => {
    const stopped: RunOutcome = { kind: 'stopped', detail: 'The worker was shut down.' };
    expect(decideRunEnd(facts({ outcome: stopped })).kind).toBe('run-again');
    expect(decideRunEnd(facts({ outcome: stopped, attempt: runsPerRoundMax }))).toMatchObject({ task: 'reopen-free' });
  });

  it.each(['exit-code', 'rate-limited'] as const)('counts an attempt for %s', (reason) => {
    expect(decideRunEnd(facts({ outcome: failed(reason) }))).toMatchObject({
      kind: 'end',
      task: 'reopen',
      end: { reason: 'It broke.' },
    });
  });
});
