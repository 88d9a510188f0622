/** Small stored things for tests. Texts stand for branded ids, as they do in tables of cases. */
import type { AgentRef } from '#shared/model/agent.ts';
import type { Checkpoint, Rollback } from '#shared/model/checkpoint.ts';
import type { BranchName, CommitId, LaneId, ProjectId, TaskId, TaskKey } from '#shared/model/ids.ts';
import type { Lane, LaneWorkspace } from '#shared/model/lane.ts';
import type { Merge } from '#shared/model/merge.ts';
import type { Project } from '#shared/model/project.ts';
import type { Task } from '#shared/model/task.ts';
import type { RunReport } from '#shared/contract/worker-protocol.ts';

export const projectId = 'parcel-000001' as ProjectId;
export const main = 'main' as BranchName;
export const laneId = (number: number): LaneId => `lane-${String(number).padStart(8, '0')}` as LaneId;
export const agentRef = (text: string): AgentRef => text as AgentRef;
/** A commit whose every character is the letter given. */
export const commit = (letter: string): CommitId => letter.repeat(40) as CommitId;

export const sampleProject: Project = {
  id: projectId,
  path: '/repository',
  name: 'parcel',
  targetBranch: main,
  gates: [],
  autoMerge: true,
  autoMergePausedBecause: null,
  attemptsMax: 3,
  reworksMax: 2,
  leaseMs: 30_000,
  stallMs: 60_000,
  isDemo: false,
  openedAtMs: 0,
};

export const sampleWorkspace: LaneWorkspace = {
  worktree: '/worktrees/1',
  branch: 'gantry/1-task' as BranchName,
  baseCommit: commit('a'),
  portFirst: 41_000,
  portLast: 41_009,
};

type TaskChange = Omit<Partial<Task>, 'dependsOn'> & { dependsOn?: string[] };

export function sampleTask(key: string, change: TaskChange = {}): Task {
  const { dependsOn, ...rest } = change;
  return {
    key: key as TaskKey,
    id: `${projectId}:${key}` as TaskId,
    projectId,
    title: `Task ${key}`,
    prompt: 'Do it.',
    dependsOn: (dependsOn ?? []) as TaskKey[],
    priority: 3,
    phase: '',
    paths: [],
    agent: null,
    gate: null,
    order: 1,
    attempts: 0,
    status: { state: 'open' },
    createdAtMs: 0,
    ...rest,
  };
}

export function sampleLane(number: number, change: Partial<Lane> = {}): Lane {
  return {
    id: laneId(number),
    projectId,
    number,
    agent: agentRef('demo'),
    stage: 'queued',
    taskId: null,
    token: null,
    workspace: null,
    runId: null,
    reworks: 0,
    reworkReason: null,
    headCommit: null,
    changes: null,
    usage: null,
    summary: null,
    openedAtMs: 0,
    startedAtMs: null,
    endedAtMs: null,
    end: null,
    ...change,
  };
}

/** A lane that works on `task` under token 7. */
export function workingLane(number: number, task: Task, change: Partial<Lane> = {}): { lane: Lane; task: Task } {
  const token = 7 as never;
  const lane = sampleLane(number, { stage: 'working', taskId: task.id, token, workspace: sampleWorkspace, ...change });
  return { lane, task: { ...task, status: { state: 'claimed', laneId: lane.id, token, leaseUntilMs: 30_000 } } };
}

export function sampleReport(lane: Lane, change: Partial<RunReport> = {}): RunReport {
  return {
    runId: lane.runId ?? ('run-000000000' as never),
    laneId: lane.id,
    token: 7 as never,
    state: 'running',
    pid: 1,
    startedAtMs: 0,
    lastEventAtMs: 0,
    lastSeq: 0,
    outputBytes: 0,
    cpuPercent: null,
    memoryBytes: null,
    outcome: null,
    ...change,
  };
}

export function sampleMerge(name: string, change: Partial<Merge> = {}): Merge {
  return {
    id: `merge-${name.padStart(8, '0')}` as never,
    projectId,
    taskId: `${projectId}:${name}` as TaskId,
    laneId: laneId(1),
    token: 7 as never,
    headCommit: commit('b'),
    stage: 'queued',
    approved: false,
    branch: null,
    targetCommit: null,
    mergeCommit: null,
    checkpointId: null,
    gates: [],
    rejection: null,
    queuedAtMs: 0,
    endedAtMs: null,
    ...change,
  };
}

export function sampleCheckpoint(number: number, change: Partial<Checkpoint> = {}): Checkpoint {
  return {
    id: `checkpoint-${String(number).padStart(8, '0')}` as never,
    projectId,
    number,
    kind: 'merge',
    label: `Checkpoint ${number}`,
    branch: main,
    beforeCommit: commit('a'),
    afterCommit: commit('b'),
    taskId: null,
    laneId: null,
    rollbackId: null,
    serviceId: null,
    rolloutId: null,
    changes: null,
    tasksByState: {},
    revisions: {},
    undoneBy: null,
    atMs: number,
    ...change,
  };
}

export function sampleRollback(number: number, change: Partial<Rollback> = {}): Rollback {
  return {
    id: `rollback-${String(number).padStart(8, '0')}` as never,
    projectId,
    number,
    checkpointId: sampleCheckpoint(1).id,
    stage: 'done',
    branch: main,
    beforeCommit: commit('c'),
    afterCommit: commit('d'),
    taskIds: [],
    services: [],
    detail: null,
    startedAtMs: 0,
    endedAtMs: 1,
    ...change,
  };
}
