import { describe, expect, it } from 'vitest';
import type { Lane } from '#shared/model/lane.ts';
import { agentNotBefore, taskNotBefore } from './backoff.ts';
import { agentRef, sampleLane, sampleTask } from './sample.fixture.ts';

type FailureReason = 'not-found' | 'rate-limited' | 'exit-code';
const failed = (number: number, endedAtMs: number, reason: FailureReason): Lane =>
  sampleLane(number, {
    stage: 'ended',
    taskId: sampleTask('a').id,
    endedAtMs,
    end: { kind: 'failed', reason: 'No.', run: { kind: 'failed', reason, detail: 'No.', exitCode: 1, signal: null } },
  });

describe('taskNotBefore', () => {
  it('waits longer after each failure', () => {
    const lanes = [failed(1, 5_000, 'exit-code'), failed(2, 9_000, 'exit-code')];
    const notBefore = (attempts: number) => {
      const task = sampleTask('a', { attempts });
      return taskNotBefore([task], lanes).get(task.id);
    };
    expect(notBefore(0)).toBeUndefined();
    expect(notBefore(1)).toBe(10_000);
    expect(notBefore(3)).toBe(13_000);
    expect(notBefore(30)).toBe(69_000);
  });
});

describe('agentNotBefore', () => {
  const demo = agentRef('demo');

  it('lets a kind of agent rest while its failures are of a kind that all share', () => {
    const lanes = [failed(1, 1_000, 'rate-limited'), failed(2, 2_000, 'not-found')];
    expect(agentNotBefore(lanes).get(demo)).toEqual({ atMs: 4_000, because: 'No.' });
  });

  it('counts only since the last other end', () => {
    const merged = sampleLane(2, { stage: 'ended', endedAtMs: 2_000, end: { kind: 'merged' } });
    expect(agentNotBefore([failed(1, 1_000, 'not-found'), merged, failed(3, 3_000, 'not-found')]).get(demo)?.atMs).toBe(
      4_000,
    );
    expect(agentNotBefore([failed(1, 1_000, 'not-found'), merged]).has(demo)).toBe(false);
    expect(agentNotBefore([failed(1, 1_000, 'exit-code')]).has(demo)).toBe(false);
  });
});
