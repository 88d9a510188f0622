/** How each noun of the model is stored, and what the tables know beyond the model. */
import type { Checkpoint, Rollback } from '#shared/model/checkpoint.ts';
import type { AgentRef } from '#shared/model/agent.ts';
import type { CheckpointId, LaneId, ProjectId, TaskId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Merge } from '#shared/model/merge.ts';
import type { Project } from '#shared/model/project.ts';
import type { Task } from '#shared/model/task.ts';
import type { Columns } from './table.ts';

/** How many agents of one kind a project keeps busy. */
export interface FleetRow {
  projectId: ProjectId;
  agent: AgentRef;
  count: number;
}

/** One small fact of the app itself. */
export interface SettingRow {
  key: string;
  value: string;
}

/** A merge with its place in the queue: the log index of its submission. */
export type MergeRow = Merge & { queuedIndex: number };

/** A rollback with what is needed to finish it and to take it back. */
export type RollbackRow = Rollback & {
  /** The timeline entry of the rollback itself. */
  entryId: CheckpointId;
  /** Checkpoints whose effect it takes away. */
  undoneCheckpoints: CheckpointId[];
  /** Who had merged the tasks that it opened again, so that an undo can say so again. */
  reopened: { taskId: TaskId; laneId: LaneId; atMs: number }[];
  /** Whether auto-merge was on before it began. */
  pausedAutoMerge: boolean;
};

export const projectColumns: Columns<Project> = {
  id: 'text',
  path: 'text',
  name: 'text',
  targetBranch: 'text',
  gates: 'json',
  autoMerge: 'boolean',
  autoMergePausedBecause: 'text',
  attemptsMax: 'integer',
  reworksMax: 'integer',
  leaseMs: 'integer',
  stallMs: 'integer',
  isDemo: 'boolean',
  openedAtMs: 'integer',
};

export const fleetColumns: Columns<FleetRow> = { projectId: 'text', agent: 'text', count: 'integer' };

export const settingColumns: Columns<SettingRow> = { key: 'text', value: 'text' };

export const taskColumns: Columns<Task> = {
  id: 'text',
  projectId: 'text',
  order: 'integer',
  key: 'text',
  title: 'text',
  prompt: 'text',
  dependsOn: 'json',
  priority: 'integer',
  phase: 'text',
  paths: 'json',
  agent: 'text',
  gate: 'text',
  attempts: 'integer',
  status: 'json',
  createdAtMs: 'integer',
};

export const laneColumns: Columns<Lane> = {
  id: 'text',
  projectId: 'text',
  number: 'integer',
  agent: 'text',
  stage: 'text',
  taskId: 'text',
  token: 'integer',
  workspace: 'json',
  runId: 'text',
  reworks: 'integer',
  reworkReason: 'text',
  headCommit: 'text',
  changes: 'json',
  usage: 'json',
  summary: 'text',
  openedAtMs: 'integer',
  startedAtMs: 'integer',
  endedAtMs: 'integer',
  end: 'json',
};

export const mergeColumns: Columns<Merge> = {
  id: 'text',
  projectId: 'text',
  taskId: 'text',
  laneId: 'text',
  token: 'integer',
  headCommit: 'text',
  stage: 'text',
  approved: 'boolean',
  branch: 'text',
  targetCommit: 'text',
  mergeCommit: 'text',
  checkpointId: 'text',
  gates: 'json',
  rejection: 'json',
  queuedAtMs: 'integer',
  endedAtMs: 'integer',
};

export const mergeRowColumns: Columns<MergeRow> = { ...mergeColumns, queuedIndex: 'integer' };

export const checkpointColumns: Columns<Checkpoint> = {
  id: 'text',
  projectId: 'text',
  number: 'integer',
  kind: 'text',
  label: 'text',
  branch: 'text',
  beforeCommit: 'text',
  afterCommit: 'text',
  taskId: 'text',
  laneId: 'text',
  rollbackId: 'text',
  serviceId: 'text',
  rolloutId: 'text',
  changes: 'json',
  tasksByState: 'json',
  revisions: 'json',
  undoneBy: 'text',
  atMs: 'integer',
};

export const rollbackColumns: Columns<Rollback> = {
  id: 'text',
  projectId: 'text',
  number: 'integer',
  checkpointId: 'text',
  stage: 'text',
  branch: 'text',
  beforeCommit: 'text',
  afterCommit: 'text',
  taskIds: 'json',
  services: 'json',
  detail: 'text',
  startedAtMs: 'integer',
  endedAtMs: 'integer',
  undo: 'json',
};

export const rollbackRowColumns: Columns<RollbackRow> = {
  ...rollbackColumns,
  entryId: 'text',
  undoneCheckpoints: 'json',
  reopened: 'json',
  pausedAutoMerge: 'boolean',
};
