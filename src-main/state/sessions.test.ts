import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../raft/core/message.ts';
import { decodeOutcome, encodeProposal } from './proposal.ts';
import { sessionsMax, sessionWindow } from './sessions.ts';
import { laneId, oneNode, StateFixture, taskId } from './state.fixture.ts';

let state: StateFixture;
beforeEach(() => {
  state = new StateFixture();
});
afterEach(() => state.dispose());

const put = (value: string) => ({ kind: 'setting.put', key: 'key', value }) as const;

/** Entries of one session, as a leader would have ordered them. */
function entries(session: string, sequences: readonly number[]): Entry[] {
  const { index } = state.machine.applied();
  return sequences.map((sequence, at) => ({
    index: index + 1 + at,
    term: 1,
    kind: 'normal',
    data: encodeProposal({ session, sequence, command: { ...put(`${sequence}`), atMs: 1 } }),
  }));
}

describe('a retried command', () => {
  it('is applied once and answers the same', () => {
    state.begin('a');
    const lane = state.queued();
    const claim = { kind: 'task.claim', taskId: taskId('a'), laneId: lane, leaseMs: 1_000 } as const;
    const first = state.applyAs('other', 1, claim);
    const before = state.everything();
    const again = state.applyAs('other', 1, claim);
    expect(again.outcome).toEqual(first.outcome);
    expect(again.applied.index).toBe(first.applied.index + 1);
    expect(again.applied.changes).toHaveLength(0);
    expect(state.everything()).toEqual(before);
  });

  it('answers the same refusal, also when it would be accepted by now', () => {
    const lane = {
      kind: 'lane.end',
      laneId: laneId(1),
      token: null,
      end: { kind: 'stopped', reason: '' },
      task: 'keep',
    };
    const first = state.applyAs('other', 1, lane as never);
    state.begin('a').queued();
    expect(state.applyAs('other', 1, lane as never).outcome).toEqual(first.outcome);
    expect(state.read.lane(laneId(1))?.stage).toBe('queued');
  });

  it('is known within one batch, and after a restart', () => {
    const [first, second] = state.machine.apply(entries('s', [1, 1]), oneNode);
    expect(second?.answer).toEqual(first?.answer);
    expect(second?.changes).toHaveLength(0);
    state.reopen();
    expect(state.machine.apply(entries('s', [1]), oneNode)[0]?.changes).toHaveLength(0);
  });

  it('is applied when it never was, although later ones overtook it', () => {
    const applied = state.machine.apply(entries('s', [1, 3, 2, 2]), oneNode);
    expect(applied.map((one) => one.changes.length > 0)).toEqual([true, true, true, false]);
    expect(state.read.setting('key')).toBe('2');
  });

  it('is refused once it is older than the window', () => {
    state.machine.apply(entries('s', [1, sessionWindow + 1]), oneNode);
    const [old] = state.machine.apply(entries('s', [1]), oneNode);
    expect(decodeOutcome(old?.answer ?? new Uint8Array(0))).toMatchObject({
      ok: false,
      error: { code: 'unavailable' },
    });
    expect(state.read.setting('key')).toBe(`${sessionWindow + 1}`);
  });
});

describe('too many sessions', () => {
  it('drop the one used longest ago, however entries were batched', () => {
    const names = Array.from({ length: sessionsMax }, (_, at) => `s-${at}`);
    for (const name of names) state.machine.apply(entries(name, [1]), oneNode);
    // s-0 is used again, so s-1 is the oldest when one more comes.
    state.machine.apply(entries('s-0', [1]), oneNode);
    state.machine.apply(entries('one more', [1]), oneNode);
    expect(state.machine.apply(entries('s-0', [1]), oneNode)[0]?.changes).toHaveLength(0);
    expect(state.machine.apply(entries('s-1', [1]), oneNode)[0]?.changes).not.toHaveLength(0);

    const inOneBatch = new StateFixture();
    try {
      const proposals = [...names, 's-0', 'one more', 's-0', 's-1'];
      inOneBatch.machine.apply(
        proposals.map((session, at) => ({
          index: at + 1,
          term: 1,
          kind: 'normal',
          data: encodeProposal({ session, sequence: 1, command: { ...put('1'), atMs: 1 } }),
        })),
        oneNode,
      );
      expect(inOneBatch.machine.hash()).toBe(state.machine.hash());
    } finally {
      inOneBatch.dispose();
    }
  });
});
