/** A state machine in a temporary folder for tests, with short ways to each stage of the main job. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { assert } from '#shared/base/assert.ts';
import type { ErrorCode } from '#shared/contract/error.ts';
import type { AgentRef } from '#shared/model/agent.ts';
import type {
  BranchName,
  CheckpointId,
  ClaimToken,
  CommitId,
  LaneId,
  MergeId,
  ProjectId,
  RollbackId,
  RunId,
  TaskId,
  TaskKey,
} from '#shared/model/ids.ts';
import type { Task, TaskSpec } from '#shared/model/task.ts';
import type { ConfState } from '../raft/core/message.ts';
import type { Applied, StateMachine } from '../raft/host/state-machine.ts';
import type { Command, CommandKind, CommandOf, CommandOutcome, CommandValue } from './command.ts';
import { decodeOutcome, encodeProposal } from './proposal.ts';
import { openStateMachine } from './state-machine.ts';
import { type OpenStateReader, openStateReader } from './state-reader.ts';

type Unstamped<Kind extends CommandKind> = Omit<CommandOf<Kind>, 'atMs'> & { kind: Kind; atMs?: number };

export const oneNode: ConfState = { voters: [1], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
export const projectId = 'parcel-3f2a9c' as ProjectId;
export const main = 'main' as BranchName;
export const demo = 'demo' as AgentRef;

export const commit = (number: number): CommitId => number.toString(16).padStart(40, '0') as CommitId;
export const laneId = (number: number): LaneId => `lane-${String(number).padStart(8, '0')}` as LaneId;
export const mergeId = (number: number): MergeId => `merge-${String(number).padStart(8, '0')}` as MergeId;
export const runId = (number: number): RunId => `run-${String(number).padStart(8, '0')}` as RunId;
export const checkpointId = (number: number): CheckpointId =>
  `checkpoint-${String(number).padStart(8, '0')}` as CheckpointId;
export const rollbackId = (number: number): RollbackId => `rollback-${String(number).padStart(8, '0')}` as RollbackId;
export const taskId = (key: string): TaskId => `${projectId}:${key}` as TaskId;

export function taskSpec(
  key: string,
  rest: Partial<Omit<TaskSpec, 'dependsOn'>> & { dependsOn?: string[] } = {},
): TaskSpec {
  return {
    title: `Task ${key}`,
    prompt: 'Do it.',
    priority: 3,
    phase: '',
    paths: [],
    agent: null,
    gate: null,
    ...rest,
    key: key as TaskKey,
    dependsOn: (rest.dependsOn ?? []) as TaskKey[],
  };
}

/** A lane on its way; `number` makes all its ids. */
export interface Walk {
  readonly number: number;
  readonly laneId: LaneId;
  readonly mergeId: MergeId;
  readonly taskId: TaskId;
  readonly token: ClaimToken;
}

export class StateFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'gantry-state-'));
  readonly path = join(this.folder, 'state.db');
  machine: StateMachine = openStateMachine(this.path);
  read: OpenStateReader = openStateReader(this.path);
  nowMs = 1_000_000;
  #sequence = 0;
  #number = 0;

  apply<Kind extends CommandKind>(command: Unstamped<Kind>): CommandOutcome<Kind> {
    this.#sequence += 1;
    return this.applyAs('client', this.#sequence, command).outcome;
  }

  applyAs<Kind extends CommandKind>(
    session: string,
    sequence: number,
    command: Unstamped<Kind>,
  ): { outcome: CommandOutcome<Kind>; applied: Applied } {
    const stamped = { atMs: this.nowMs, ...command } as unknown as Command;
    const data = encodeProposal({ session, sequence, command: stamped });
    const index = this.machine.applied().index + 1;
    const [applied] = this.machine.apply([{ index, term: 1, kind: 'normal', data }], oneNode);
    assert(applied !== undefined, 'one entry gives one result');
    return { outcome: decodeOutcome<Kind>(applied.answer), applied };
  }

  /** Applies what must be accepted and returns its value. */
  accept<Kind extends CommandKind>(command: Unstamped<Kind>): CommandValue<Kind> {
    const outcome = this.apply(command);
    assert(outcome.ok, `${command.kind} was refused: ${outcome.ok ? '' : outcome.error.message}`);
    return outcome.value;
  }

  /** Applies what must be refused, sees that nothing changed, and returns the refusal's words. */
  refuse<Kind extends CommandKind>(command: Unstamped<Kind>, code: ErrorCode): string {
    const before = this.everything();
    const outcome = this.apply(command);
    assert(!outcome.ok, `${command.kind} was accepted`);
    expect(outcome.error.code).toBe(code);
    expect(outcome.error.message).toMatch(/^[A-Z].*\.$/s);
    expect(this.everything()).toEqual(before);
    return outcome.error.message;
  }

  everything(): unknown {
    return [this.read.serviceHosts(), this.#projects()];
  }

  #projects(): unknown[] {
    return this.read.projects().map((project) => ({
      project,
      fleet: this.read.fleet(project.id),
      tasks: this.read.tasks(project.id),
      lanes: this.read.lanes(project.id),
      merges: this.read.merges(project.id),
      checkpoints: this.read.checkpoints(project.id),
      rollbacks: this.read.rollbacks(project.id),
      services: this.read.services(project.id).map((service) => ({
        service,
        revisions: this.read.revisions(service.id),
        rollouts: this.read.rollouts(service.id),
      })),
      secrets: this.read.secrets(project.id),
      configs: this.read.configs(project.id),
      volumes: this.read.volumes(project.id),
      previews: this.read.previews(project.id),
    }));
  }

  task(key: string): Task {
    const task = this.read.task(taskId(key));
    assert(task !== null, `there is a task ${key}`);
    return task;
  }

  /** Opens the project and adds tasks that do not depend on each other. */
  begin(...keys: string[]): this {
    this.accept({
      kind: 'project.open',
      projectId,
      path: '/srv/parcel',
      name: 'parcel',
      targetBranch: main,
      gates: [],
      isDemo: false,
    });
    this.accept({ kind: 'task.add', projectId, tasks: keys.map((key) => taskSpec(key)) });
    return this;
  }

  queued(): LaneId {
    this.#number += 1;
    this.accept({ kind: 'lane.open', laneId: laneId(this.#number), projectId, agent: demo });
    return laneId(this.#number);
  }

  claimed(key: string): Walk {
    const lane = this.queued();
    const number = this.#number;
    const { token } = this.accept({ kind: 'task.claim', taskId: taskId(key), laneId: lane, leaseMs: 30_000 });
    return { number, laneId: lane, mergeId: mergeId(number), taskId: taskId(key), token };
  }

  working(key: string): Walk {
    const walk = this.claimed(key);
    const workspace = {
      worktree: `/srv/lanes/${walk.number}`,
      branch: `gantry/lane-${walk.number}` as BranchName,
      baseCommit: commit(1),
      portFirst: 4_000,
      portLast: 4_009,
    };
    this.accept({ kind: 'lane.prepare', laneId: walk.laneId, token: walk.token, workspace });
    this.accept({ kind: 'lane.run', laneId: walk.laneId, token: walk.token, runId: runId(walk.number) });
    return walk;
  }

  submitted(key: string): Walk {
    const walk = this.working(key);
    this.submit(walk, walk.mergeId);
    return walk;
  }

  submit(walk: Walk, id: MergeId): void {
    this.accept({
      kind: 'lane.submit',
      laneId: walk.laneId,
      token: walk.token,
      mergeId: id,
      headCommit: commit(100 + walk.number),
      changes: { files: 1, added: 2, removed: 0 },
      summary: 'Done.',
      usage: null,
    });
  }

  gating(key: string): Walk {
    const walk = this.submitted(key);
    this.beginMerge(walk);
    return walk;
  }

  beginMerge(walk: Walk): void {
    this.accept({
      kind: 'merge.begin',
      mergeId: walk.mergeId,
      token: walk.token,
      branch: main,
      targetCommit: commit(walk.number),
      mergeCommit: commit(walk.number + 1),
    });
  }

  landing(key: string): Walk {
    const walk = this.gating(key);
    this.accept({
      kind: 'merge.checkpoint',
      mergeId: walk.mergeId,
      token: walk.token,
      checkpointId: checkpointId(walk.number),
      label: `Merged ${key}`,
    });
    return walk;
  }

  merged(key: string): Walk {
    const walk = this.landing(key);
    this.accept({ kind: 'merge.land', mergeId: walk.mergeId, token: walk.token });
    return walk;
  }

  /** Closes and opens the same file again, as a restarted node does. */
  reopen(): void {
    this.read.close();
    this.machine.close();
    this.machine = openStateMachine(this.path);
    this.read = openStateReader(this.path);
  }

  dispose(): void {
    this.read.close();
    this.machine.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
