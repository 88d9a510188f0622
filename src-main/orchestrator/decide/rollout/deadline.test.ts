import { describe, expect, it } from 'vitest';
import type { Rollout, RolloutDecision } from '#shared/model/service.ts';
import { updatePolicySchema } from '#shared/model/service-spec.ts';
import {
  drained,
  endedReplica,
  nowMs,
  old,
  planOf,
  sampleReplica,
  sampleRollout,
  startingReplica,
} from '../sample.fixture.ts';

const minuteMs = 60_000;
/** Ten minutes without progress are too many. */
const deadline = { progressDeadlineMs: 10 * minuteMs, failureRatioMax: 1, limits: { restartsMax: null } };

function rolloutAt(stage: Rollout['stage'], policy: object, rest: Partial<Rollout> = {}): Rollout {
  return sampleRollout({
    stage,
    policy: updatePolicySchema.parse({ ...deadline, ...policy }),
    startedAtMs: nowMs - 100 * minuteMs,
    ...rest,
  });
}

function decided(gate: RolloutDecision['gate'], atMs: number, containerId = ''): RolloutDecision {
  return { atMs, gate, verdict: 'passed', detail: '', durationMs: null, evidence: { containerId } };
}

const failed = { kind: 'end', outcome: 'failed', detail: expect.stringContaining('No progress for 10 min') };

describe('a canary that is held for longer than the deadline', () => {
  const first = sampleReplica(2, 1, { createdAtMs: nowMs - 90 * minuteMs });
  const shifting = (holdMs: number | null, sinceMs: number, rest: Partial<Rollout> = {}): Rollout =>
    rolloutAt(
      { name: 'shifting', step: 0, sinceMs },
      { strategy: 'canary', canarySteps: [{ weightPercent: 10, holdMs }] },
      { progressAtMs: sinceMs, decisions: [decided('health', sinceMs, '2.1')], ...rest },
    );
  const moveOf = (rollout: Rollout, replicas = [...old, first, startingReplica(2, 2)]) =>
    planOf({ rollout, replicas }).move;
  const hourMs = 60 * minuteMs;

  it('has the whole deadline for the next step once its hold is over', () => {
    const held = (agoMs: number): Rollout => shifting(hourMs, nowMs - hourMs - agoMs);
    expect(moveOf(held(0))).toBeNull();
    expect(moveOf(held(9 * minuteMs))).toBeNull();
    expect(moveOf(held(10 * minuteMs))).toMatchObject(failed);
  });

  it('has it when a person promotes it', () => {
    const promoted = (agoMs: number): Rollout =>
      shifting(null, nowMs - hourMs, {
        promoted: true,
        decisions: [decided('health', nowMs - hourMs, '2.1'), decided('person', nowMs - agoMs)],
      });
    expect(moveOf(promoted(0))).toBeNull();
    expect(moveOf(promoted(10 * minuteMs))).toMatchObject(failed);
  });

  it('goes on when a replica is replaced during the hold', () => {
    const ended = endedReplica(2, 1, { createdAtMs: nowMs - 30 * minuteMs, startedAtMs: nowMs - 30 * minuteMs });
    expect(moveOf(shifting(hourMs, nowMs - 30 * minuteMs), [...old, ended])).toBeNull();
    expect(moveOf(shifting(null, nowMs - 30 * minuteMs), [...old, ended])).toBeNull();
  });
});

describe('a rolling update with a delay that is longer than the deadline', () => {
  const delayMs = 30 * minuteMs;
  const at = (lastBatchAtMs: number): Rollout =>
    rolloutAt(
      { name: 'replacing', lastBatchAtMs },
      { delayMs },
      {
        progressAtMs: lastBatchAtMs,
        decisions: [decided('health', lastBatchAtMs, '2.1')],
      },
    );
  const done = (atMs: number) => sampleReplica(2, 1, { health: { ...sampleReplica(2, 1).health, sinceMs: atMs } });
  const moveOf = (lastBatchAtMs: number) =>
    planOf({ rollout: at(lastBatchAtMs), replicas: [done(lastBatchAtMs), startingReplica(2, 2), ...old.slice(1)] })
      .move;

  it('has the whole deadline for the next batch', () => {
    expect(moveOf(nowMs - delayMs)).toBeNull();
    expect(moveOf(nowMs - delayMs - 9 * minuteMs)).toBeNull();
    expect(moveOf(nowMs - delayMs - 10 * minuteMs)).toMatchObject(failed);
  });
});

it('counts from the end of the time that it was watched', () => {
  const monitorMs = 30 * minuteMs;
  const moveOf = (sinceMs: number) =>
    planOf({
      rollout: rolloutAt(
        { name: 'monitoring', sinceMs },
        { monitorMs },
        {
          progressAtMs: sinceMs,
          decisions: [1, 2, 3].map((slot) => decided('health', sinceMs, `2.${slot}`)),
        },
      ),
      replicas: [sampleReplica(2, 1), sampleReplica(2, 2), startingReplica(2, 3)],
    }).move;
  expect(moveOf(nowMs - monitorMs)).toBeNull();
  expect(moveOf(nowMs - monitorMs - 10 * minuteMs)).toMatchObject(failed);
});

it('counts what nothing holds up', () => {
  const rollout = rolloutAt({ name: 'starting' }, { strategy: 'blue-green' }, { progressAtMs: nowMs - 10 * minuteMs });
  const waiting = [1, 2, 3].map((slot) => startingReplica(2, slot, drained));
  expect(
    planOf({
      rollout,
      replicas: [
        ...old,
        ...waiting.map((each) => ({ ...each, health: { ...each.health, status: 'starting' as const } })),
      ],
    }).move,
  ).toMatchObject(failed);
});
