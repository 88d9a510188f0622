/**
 * Every change of the replicated state, as plain data. The proposer stamps time and ids,
 * so that applying a command is the same on every node for ever (see ADR 0002).
 */
import type { Result } from '#shared/base/result.ts';
import type { ErrorCode } from '#shared/contract/error.ts';
import type { AgentRef } from '#shared/model/agent.ts';
import type { Usage } from '#shared/model/agent-event.ts';
import type { GateResult, GateSpec } from '#shared/model/gate.ts';
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
} from '#shared/model/ids.ts';
import type { LaneEnd, LaneWorkspace } from '#shared/model/lane.ts';
import type { MergeRejection } from '#shared/model/merge.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import type { TaskSpec } from '#shared/model/task.ts';
import type { ServiceCommand, ServiceCommandValues } from './service-command.ts';

interface At {
  /** The proposer's clock, milliseconds since 1970. */
  readonly atMs: number;
}

/** What may be proposed. Fenced commands carry the claim's token and are refused when it is stale. */
export type Command = At &
  (
    | {
        kind: 'project.open';
        projectId: ProjectId;
        path: string;
        name: string;
        targetBranch: BranchName;
        gates: GateSpec[];
        isDemo: boolean;
      }
    | {
        kind: 'project.configure';
        projectId: ProjectId;
        change: {
          targetBranch?: BranchName;
          gates?: GateSpec[];
          autoMerge?: boolean;
          /** Set together with `autoMerge: false` when Gantry itself pauses. */
          autoMergePausedBecause?: string | null;
          attemptsMax?: number;
          reworksMax?: number;
          leaseMs?: number;
          stallMs?: number;
        };
      }
    /** Refused while lanes of the project are live. */
    | { kind: 'project.forget'; projectId: ProjectId }
    /** How many agents of a kind are kept busy; 0 removes the entry. */
    | { kind: 'fleet.set'; projectId: ProjectId; agent: AgentRef; count: number }
    /** All or nothing: refuses duplicates, unknown dependencies and cycles. */
    | { kind: 'task.add'; projectId: ProjectId; tasks: TaskSpec[] }
    /** Only while the task is open, failed or cancelled. */
    | { kind: 'task.edit'; taskId: TaskId; change: Partial<Omit<TaskSpec, 'key'>> }
    /** failed | cancelled → open, with its attempts set back to 0. */
    | { kind: 'task.reopen'; taskId: TaskId }
    /** Not when merged. A lane that holds it must be ended by the proposer. */
    | { kind: 'task.cancel'; taskId: TaskId }
    /** Assigns the next lane number of the project. */
    | { kind: 'lane.open'; laneId: LaneId; projectId: ProjectId; agent: AgentRef }
    /**
     * Compare-and-set: granted only to a queued lane, for an open task whose dependencies are
     * all merged and which accepts the lane's agent. The token is the command's log index.
     */
    | { kind: 'task.claim'; taskId: TaskId; laneId: LaneId; leaseMs: number }
    /** Prolongs what is still held under its token; the result names those that are not. */
    | { kind: 'claim.renew'; claims: { taskId: TaskId; token: ClaimToken }[]; leaseMs: number }
    /** Fenced. */
    | { kind: 'lane.prepare'; laneId: LaneId; token: ClaimToken; workspace: LaneWorkspace }
    /** Fenced. A run is about to be started: claimed → working, or another run of a reworked lane. */
    | { kind: 'lane.run'; laneId: LaneId; token: ClaimToken; runId: RunId }
    /** Fenced. working → submitted; the task too; queues a merge under `mergeId`. */
    | {
        kind: 'lane.submit';
        laneId: LaneId;
        token: ClaimToken;
        mergeId: MergeId;
        headCommit: CommitId;
        changes: { files: number; added: number; removed: number };
        summary: string;
        usage: Usage | null;
      }
    /**
     * Fenced when the lane holds a claim. Ends the lane. `task` says what becomes of its task:
     * `reopen` counts an attempt and fails the task once `attemptsMax` is reached, `reopen-free`
     * does not count, `fail` leaves it to a person, `keep` is for merged and cancelled ones.
     */
    | {
        kind: 'lane.end';
        laneId: LaneId;
        token: ClaimToken | null;
        end: LaneEnd;
        task: 'reopen' | 'reopen-free' | 'fail' | 'keep';
      }
    /** Ends claims whose lease is over at `atMs`, as `lane.end` with `reopen` would. */
    | { kind: 'claim.expire'; projectId: ProjectId }
    /** A person wants it although auto-merge is off. */
    | { kind: 'merge.approve'; mergeId: MergeId }
    /** Fenced. queued → gating with what it is merged against. One per project at a time. */
    | {
        kind: 'merge.begin';
        mergeId: MergeId;
        token: ClaimToken;
        branch: BranchName;
        targetCommit: CommitId;
        mergeCommit: CommitId;
      }
    /** Fenced. Adds a gate's evidence. */
    | { kind: 'merge.gate'; mergeId: MergeId; token: ClaimToken; result: GateResult }
    /** Fenced. gating → landing; makes the checkpoint in the same step. */
    | { kind: 'merge.checkpoint'; mergeId: MergeId; token: ClaimToken; checkpointId: CheckpointId; label: string }
    /** Fenced. landing → landed; task merged; lane ended; checkpoint completed. */
    | { kind: 'merge.land'; mergeId: MergeId; token: ClaimToken }
    /** Fenced. Back to queued because the target moved; a checkpoint that was made is withdrawn. */
    | { kind: 'merge.requeue'; mergeId: MergeId; token: ClaimToken }
    /**
     * Fenced. → rejected. `rework` gives the task back to its lane (submitted → working, one more
     * rework, a new lease); otherwise lane and task fail and wait for a person.
     */
    | {
        kind: 'merge.reject';
        mergeId: MergeId;
        token: ClaimToken;
        rejection: MergeRejection;
        next: { kind: 'rework'; reason: string; leaseMs: number } | { kind: 'fail'; reason: string };
      }
    /** A checkpoint that guards nothing: opened, manual, or a commit from outside. */
    | {
        kind: 'checkpoint.add';
        checkpointId: CheckpointId;
        projectId: ProjectId;
        checkpointKind: 'opened' | 'manual' | 'outside';
        label: string;
        branch: BranchName;
        beforeCommit: CommitId;
        afterCommit: CommitId;
      }
    /**
     * Records a confirmed rollback before git is touched: pauses auto-merge, makes its checkpoint.
     * Refused while another is under way or a merge is landing.
     */
    | {
        kind: 'rollback.begin';
        rollbackId: RollbackId;
        projectId: ProjectId;
        checkpointId: CheckpointId;
        /** The timeline entry of the rollback itself. */
        entryId: CheckpointId;
        branch: BranchName;
        beforeCommit: CommitId;
        /**
         * The commit that will be written; made before, so that a crash can be told apart.
         * `beforeCommit` when only services go back.
         */
        afterCommit: CommitId;
        undoneCheckpoints: CheckpointId[];
        taskIds: TaskId[];
        /** `fromRevision` is on its way or serves; refused with `outdated-plan` when it is another one by now. */
        services: { serviceId: ServiceId; fromRevision: number | null; toRevision: number }[];
      }
    /** git has moved: reopens the tasks, marks the checkpoints. */
    | { kind: 'rollback.finish'; rollbackId: RollbackId }
    | { kind: 'rollback.refuse'; rollbackId: RollbackId; detail: string }
    /** The same two steps for taking a rollback back. */
    | {
        kind: 'rollback.beginUndo';
        rollbackId: RollbackId;
        entryId: CheckpointId;
        beforeCommit: CommitId;
        afterCommit: CommitId;
      }
    | { kind: 'rollback.finishUndo'; rollbackId: RollbackId }
    | { kind: 'rollback.refuseUndo'; rollbackId: RollbackId; detail: string }
    /** Small facts of the app itself: last opened project, theme, finished onboarding. */
    | { kind: 'setting.put'; key: string; value: string }
    | ServiceCommand
  );

export type CommandKind = Command['kind'];
export type CommandOf<Kind extends CommandKind> = Extract<Command, { kind: Kind }>;

/** What a command answers when it is accepted; commands not named here answer null. */
export interface CommandValues extends ServiceCommandValues {
  'task.add': { taskIds: TaskId[] };
  'lane.open': { number: number };
  'task.claim': { token: ClaimToken; leaseUntilMs: number };
  'claim.renew': { lost: TaskId[] };
  'claim.expire': { expired: TaskId[] };
  'lane.end': { taskState: string | null };
}

export type CommandValue<Kind extends CommandKind> = Kind extends keyof CommandValues ? CommandValues[Kind] : null;

/** Why the state machine refused a command: same on every node. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

export type CommandOutcome<Kind extends CommandKind> = Result<CommandValue<Kind>, Refusal>;
