/** Any commands in any order: the same state on every node, however batched, restored or retried. */
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentRef } from '#shared/model/agent.ts';
import type { ClaimToken, ProjectId } from '#shared/model/ids.ts';
import type { Command } from './command.ts';
import type { Entry } from '../raft/core/message.ts';
import { assertConsistent } from './consistent.fixture.ts';
import { assertServicesConsistent } from './consistent-services.fixture.ts';
import { decodeOutcome, encodeProposal } from './proposal.ts';
import { nextOfService, type ServiceDraft, serviceDraft } from './service-drafts.fixture.ts';
import {
  checkpointId,
  commit,
  laneId,
  main,
  mergeId,
  oneNode,
  projectId,
  rollbackId,
  runId,
  StateFixture,
  taskId,
  taskSpec,
} from './state.fixture.ts';

/** Small numbers, so that commands meet; a token may be the right one, an old one or none. */
const number = fc.integer({ min: 1, max: 6 });
const key = fc.constantFrom('a', 'b', 'c', 'd');
const agent = fc.constantFrom('demo', 'codex') as fc.Arbitrary<AgentRef>;
const project = fc.constantFrom(projectId, projectId, projectId, 'other-000000' as ProjectId);
const fate = fc.constantFrom('reopen', 'reopen-free', 'fail', 'keep');

/**
 * `forward` stands for the next step on the way of lane `number`, `rollback` for the next one of a
 * rollback, `rollout` for the next one of a service's rollout.
 */
type Draft = { readonly kind: Command['kind'] | 'forward' | 'rollback' | 'rollout' } & Record<string, unknown>;
/** Filled in from the tables just before it is proposed, as a real proposer does most of the time. */
const currentToken = 'current';
const token = fc.oneof(
  { weight: 9, arbitrary: fc.constant(currentToken) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }) },
);

const anyDraft: fc.Arbitrary<Draft> = fc.oneof(
  project.map((id) => ({
    kind: 'project.open',
    projectId: id,
    path: `/srv/${id}`,
    name: id,
    targetBranch: main,
    gates: [],
    isDemo: false,
  })),
  fc.record({ id: project, autoMerge: fc.boolean(), max: number }).map(({ id, autoMerge, max }) => ({
    kind: 'project.configure',
    projectId: id,
    change: { autoMerge, attemptsMax: max },
  })),
  fc.record({ kind: fc.constant('fleet.set'), projectId: project, agent, count: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ id: project, keys: fc.uniqueArray(key), after: fc.array(key, { maxLength: 1 }) }).map((drawn) => ({
    kind: 'task.add',
    projectId: drawn.id,
    tasks: drawn.keys.map((name) => taskSpec(name, { dependsOn: drawn.after })),
  })),
  fc
    .record({ name: key, after: fc.array(key, { maxLength: 2 }) })
    .map(({ name, after }) => ({ kind: 'task.edit', taskId: taskId(name), change: { dependsOn: after } })),
  key.map((name) => ({ kind: 'task.reopen', taskId: taskId(name) })),
  key.map((name) => ({ kind: 'task.cancel', taskId: taskId(name) })),
  fc.record({ number, agent }).map((drawn) => ({
    kind: 'lane.open',
    laneId: laneId(drawn.number),
    projectId,
    agent: drawn.agent,
  })),
  fc.record({ number, name: key }).map((drawn) => ({
    kind: 'task.claim',
    taskId: taskId(drawn.name),
    laneId: laneId(drawn.number),
    leaseMs: 50,
  })),
  fc.record({ name: key, token: fc.integer({ min: 1, max: 60 }) }).map((drawn) => ({
    kind: 'claim.renew',
    claims: [{ taskId: taskId(drawn.name), token: drawn.token }],
    leaseMs: 50,
  })),
  fc.constant({ kind: 'claim.expire', projectId }),
  fc.record({ number, token }).map((drawn) => ({
    kind: 'lane.prepare',
    laneId: laneId(drawn.number),
    token: drawn.token,
    workspace: { worktree: '/w', branch: 'lane', baseCommit: commit(1), portFirst: 1, portLast: 2 },
  })),
  fc.record({ number, token }).map((drawn) => ({
    kind: 'lane.run',
    laneId: laneId(drawn.number),
    token: drawn.token,
    runId: runId(drawn.number),
  })),
  fc.record({ number, merge: number, token }).map((drawn) => ({
    kind: 'lane.submit',
    laneId: laneId(drawn.number),
    token: drawn.token,
    mergeId: mergeId(drawn.merge),
    headCommit: commit(drawn.number),
    changes: { files: 1, added: 2, removed: 3 },
    summary: 'Done.',
    usage: { inputTokens: 1, outputTokens: 2, cachedTokens: 0, costUsd: 0.1 },
  })),
  fc.record({ number, token: fc.oneof(token, fc.constant(null)), fate }).map((drawn) => ({
    kind: 'lane.end',
    laneId: laneId(drawn.number),
    token: drawn.token,
    end: { kind: 'stopped', reason: 'Stopped.' },
    task: drawn.fate,
  })),
  number.map((merge) => ({ kind: 'merge.approve', mergeId: mergeId(merge) })),
  fc.record({ merge: number, token, commits: number }).map((drawn) => ({
    kind: 'merge.begin',
    mergeId: mergeId(drawn.merge),
    token: drawn.token,
    branch: main,
    targetCommit: commit(drawn.commits),
    mergeCommit: commit(drawn.commits + 1),
  })),
  fc.record({ merge: number, token, checkpoint: number }).map((drawn) => ({
    kind: 'merge.checkpoint',
    mergeId: mergeId(drawn.merge),
    token: drawn.token,
    checkpointId: checkpointId(drawn.checkpoint),
    label: 'Merged',
  })),
  fc.record({ merge: number, token }).map((drawn) => ({
    kind: 'merge.land',
    mergeId: mergeId(drawn.merge),
    token: drawn.token,
  })),
  fc.record({ merge: number, token }).map((drawn) => ({
    kind: 'merge.requeue',
    mergeId: mergeId(drawn.merge),
    token: drawn.token,
  })),
  fc.record({ merge: number, token, isRework: fc.boolean() }).map((drawn) => ({
    kind: 'merge.reject',
    mergeId: mergeId(drawn.merge),
    token: drawn.token,
    rejection: { kind: 'withdrawn', detail: 'No.' },
    next: drawn.isRework ? { kind: 'rework', reason: 'Again.', leaseMs: 50 } : { kind: 'fail', reason: 'No.' },
  })),
  fc.record({ kind: fc.constant('setting.put'), key: fc.string({ maxLength: 3 }), value: fc.string() }),
) as fc.Arbitrary<Draft>;

const rollbackNumber = fc.integer({ min: 1, max: 2 });
const rollbackDraft = fc.oneof(
  fc.record({ number: rollbackNumber, checkpoint: number, entry: number, keys: fc.uniqueArray(key) }).map((drawn) => ({
    kind: 'rollback.begin',
    rollbackId: rollbackId(drawn.number),
    projectId,
    checkpointId: checkpointId(drawn.checkpoint),
    entryId: checkpointId(10 + drawn.entry),
    branch: main,
    beforeCommit: commit(1),
    afterCommit: commit(2),
    undoneCheckpoints: [checkpointId(drawn.checkpoint)],
    taskIds: drawn.keys.map(taskId),
  })),
  fc
    .record({
      kind: fc.constantFrom('rollback.finish', 'rollback.finishUndo'),
      rollbackId: rollbackNumber.map(rollbackId),
    })
    .map((drawn) => drawn as Draft),
  fc
    .record({
      kind: fc.constantFrom('rollback.refuse', 'rollback.refuseUndo'),
      rollbackId: rollbackNumber.map(rollbackId),
      detail: fc.constant('The target moved.'),
    })
    .map((drawn) => drawn as Draft),
  fc.record({ number: rollbackNumber, entry: number }).map((drawn) => ({
    kind: 'rollback.beginUndo',
    rollbackId: rollbackId(drawn.number),
    entryId: checkpointId(20 + drawn.entry),
    beforeCommit: commit(2),
    afterCommit: commit(3),
  })),
) as fc.Arbitrary<Draft>;

/** Mostly lanes on their way, so that there is something to disturb. */
const draft: fc.Arbitrary<Draft> = fc.oneof(
  { weight: 20, arbitrary: anyDraft },
  { weight: 40, arbitrary: number.map((lane) => ({ kind: 'forward', number: lane }) as const) },
  { weight: 20, arbitrary: serviceDraft },
  { weight: 3, arbitrary: rollbackDraft },
  { weight: 6, arbitrary: fc.boolean().map((isRefused) => ({ kind: 'rollback', isRefused }) as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'project.forget', projectId } as const) },
);

interface Draw {
  readonly draft: Draft;
  readonly elapsedMs: number;
  readonly isRetried: boolean;
}

const sequence: fc.Arbitrary<Draw[]> = fc.array(
  fc.record({ draft, elapsedMs: fc.integer({ min: 0, max: 20 }), isRetried: fc.boolean() }),
  {
    minLength: 1,
    maxLength: 200,
    size: 'max',
  },
);

/** The token that the tables hold for what the draft speaks of, or one that nobody has. */
function tokenFor(state: StateFixture, drawn: Draft): ClaimToken {
  if (typeof drawn.mergeId === 'string' && drawn.kind.startsWith('merge.')) {
    return state.read.merge(drawn.mergeId as never)?.token ?? (1 as ClaimToken);
  }
  return state.read.lane(drawn.laneId as never)?.token ?? (1 as ClaimToken);
}

/** What a coordinator would do next for a lane. */
function forward(state: StateFixture, lane: number): Draft {
  const found = state.read.lane(laneId(lane));
  const of = { laneId: laneId(lane), token: currentToken };
  switch (found?.stage) {
    case 'queued': {
      const open = state.read.tasks(projectId).find((task) => task.status.state === 'open');
      return { kind: 'task.claim', taskId: open?.id ?? taskId('a'), laneId: laneId(lane), leaseMs: 500 };
    }
    case 'claimed':
      return found.workspace === null
        ? {
            kind: 'lane.prepare',
            ...of,
            workspace: { worktree: '/w', branch: 'l', baseCommit: commit(1), portFirst: 1, portLast: 2 },
          }
        : { kind: 'lane.run', ...of, runId: runId(lane) };
    case 'working':
      return {
        kind: 'lane.submit',
        ...of,
        mergeId: mergeId(lane + 10 * found.reworks),
        headCommit: commit(lane),
        changes: { files: 1, added: 2, removed: 3 },
        summary: 'Done.',
        usage: null,
      };
    case 'submitted': {
      const merge = state.read.merges(projectId, { open: true, laneId: laneId(lane) })[0];
      const step = { mergeId: merge?.id ?? mergeId(lane), token: currentToken };
      if (merge?.stage === 'landing') return { kind: 'merge.land', ...step };
      return merge?.stage === 'gating'
        ? { kind: 'merge.checkpoint', ...step, checkpointId: checkpointId(lane), label: 'Merged' }
        : { kind: 'merge.begin', ...step, branch: main, targetCommit: commit(1), mergeCommit: commit(2) };
    }
    default:
      return { kind: 'lane.open', laneId: laneId(lane), projectId, agent: 'demo' };
  }
}

/** Begins a rollback to the oldest checkpoint, or goes on with the newest one. */
function goOnRollingBack(state: StateFixture, isRefused: boolean): Draft {
  const checkpoints = state.read.checkpoints(projectId);
  const last = state.read.rollbacks(projectId).at(-1);
  const number = last?.number ?? 0;
  const refusal = { rollbackId: last?.id, detail: 'The target moved.' };
  switch (last?.stage) {
    case 'reverting':
      return isRefused ? { kind: 'rollback.refuse', ...refusal } : { kind: 'rollback.finish', rollbackId: last.id };
    case 'undoing':
      return isRefused
        ? { kind: 'rollback.refuseUndo', ...refusal }
        : { kind: 'rollback.finishUndo', rollbackId: last.id };
    case 'done':
      if (isRefused) break;
      return {
        kind: 'rollback.beginUndo',
        rollbackId: last.id,
        entryId: checkpointId(200 + state.machine.applied().index),
        beforeCommit: commit(2),
        afterCommit: commit(3),
      };
  }
  return {
    kind: 'rollback.begin',
    rollbackId: rollbackId(100 + number),
    projectId,
    checkpointId: checkpoints.at(-1)?.id ?? checkpointId(1),
    entryId: checkpointId(100 + number),
    branch: main,
    beforeCommit: commit(1),
    afterCommit: commit(2),
    undoneCheckpoints: checkpoints.map((checkpoint) => checkpoint.id),
    taskIds: state.read.tasks(projectId).map((task) => task.id),
    services: state.read
      .services(projectId)
      .filter((service) => service.stack === 'main' && service.state === 'active')
      .map(({ id, rolloutId, servingRevision }) => ({
        serviceId: id,
        fromRevision: (rolloutId === null ? null : state.read.rollout(rolloutId)?.toRevision) ?? servingRevision,
        toRevision: state.read.revisions(id).at(-1)?.number ?? 1,
      })),
  };
}

const entry = (index: number, client: string, count: number, command: Command): Entry => ({
  index,
  term: 1 + Math.trunc(index / 40),
  kind: 'normal',
  data: encodeProposal({ session: client, sequence: count, command }),
});

function choose(state: StateFixture, drawn: Draft): Draft {
  if (drawn.kind === 'forward') return forward(state, drawn.number as number);
  if (drawn.kind === 'rollback') return goOnRollingBack(state, drawn.isRefused === true);
  return nextOfService(state.read, drawn as ServiceDraft);
}

/** Applies one by one on a first machine, checking what must always hold, and returns the log. */
function writeLog(state: StateFixture, drawn: readonly Draw[]): Entry[] {
  const log: Entry[] = [];
  const nextIndex = () => state.machine.applied().index + 1;
  let atMs = 1_000;
  const apply = (next: Entry) => {
    log.push(next);
    const [applied] = state.machine.apply([next], oneNode);
    return applied?.answer ?? new Uint8Array(0);
  };
  for (const [at, step] of drawn.entries()) {
    atMs += step.elapsedMs;
    const chosen = choose(state, step.draft);
    const filled = chosen.token === currentToken ? { ...chosen, token: tokenFor(state, chosen) } : chosen;
    const command = { ...filled, atMs } as unknown as Command;
    const client = `client-${at % 3}`;
    const answer = apply(entry(nextIndex(), client, at + 1, command));
    if (step.isRetried) expect(apply(entry(nextIndex(), client, at + 1, command))).toEqual(answer);
    expect(decodeOutcome(answer)).toHaveProperty('ok');
    assertConsistent(state.read, projectId);
    assertServicesConsistent(state.read, projectId);
  }
  return log;
}

describe('the state machine', () => {
  it('comes to the same state by single entries, by batches, and through a snapshot in the middle', () => {
    fc.assert(
      fc.property(
        sequence,
        fc.integer({ min: 1, max: 9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (drawn, batch, cut) => {
          const states = [new StateFixture(), new StateFixture(), new StateFixture()] as const;
          try {
            const [first, batched, restored] = states;
            // Something to work on, so that few commands fail for want of a project.
            first.begin('a', 'b');
            batched.begin('a', 'b');
            const log = writeLog(first, drawn);

            const snapshotAt = Math.trunc(cut * log.length);
            const feed = (state: StateFixture, entries: readonly Entry[]): void => {
              for (let at = 0; at < entries.length; at += batch) {
                state.machine.apply(entries.slice(at, at + batch), oneNode);
              }
            };
            feed(batched, log.slice(0, snapshotAt));
            const file = join(batched.folder, 'snapshot');
            batched.machine.writeSnapshot(file);
            restored.machine.restoreSnapshot(file);
            feed(batched, log.slice(snapshotAt));
            feed(restored, log.slice(snapshotAt));

            expect(batched.machine.hash()).toBe(first.machine.hash());
            expect(restored.machine.hash()).toBe(first.machine.hash());
            restored.reopen();
            expect(restored.machine.hash()).toBe(first.machine.hash());
          } finally {
            for (const state of states) state.dispose();
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 180_000);
});
