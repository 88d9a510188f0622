/**
 * The small port through which everything else sees the replicated state. Raft stands behind
 * it today; a single node or another consensus store may, without its users noticing.
 */
import type { Event } from '#shared/base/emitter.ts';
import type { Checkpoint, Rollback } from '#shared/model/checkpoint.ts';
import type { AgentRef } from '#shared/model/agent.ts';
import type { CheckpointId, LaneId, MergeId, ProjectId, RollbackId, TaskId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Merge } from '#shared/model/merge.ts';
import type { Project } from '#shared/model/project.ts';
import type { Revision, Rollout, Service } from '#shared/model/service.ts';
import type { RolloutId, SecretName, ServiceId, StackName, VolumeName } from '#shared/model/service-ids.ts';
import type { Config, Preview, Secret, ServiceHost, Volume } from '#shared/model/service-resource.ts';
import type { Task } from '#shared/model/task.ts';
import type { Command, CommandKind, CommandOf, CommandOutcome } from './command.ts';

/**
 * A row that a command touched. `id` is the row's key as text, within its project: a revision is
 * `<service>/<number>`, a volume `<stack>/<name>`, a preview its stack.
 */
export interface Change {
  readonly table:
    | 'project'
    | 'fleet'
    | 'task'
    | 'lane'
    | 'merge'
    | 'checkpoint'
    | 'rollback'
    | 'setting'
    | 'service'
    | 'revision'
    | 'rollout'
    | 'secret'
    | 'config'
    | 'volume'
    | 'serviceHost'
    | 'preview';
  readonly id: string;
  /** Null for settings and hosts. */
  readonly projectId: ProjectId | null;
}

/** All changes of one applied log index. */
export interface ChangeSet {
  readonly index: number;
  readonly changes: readonly Change[];
}

/** Synchronous, local, read-only. Everything it returns is committed; it may lag by what is in flight. */
export interface StateReader {
  appliedIndex(): number;
  projects(): Project[];
  project(id: ProjectId): Project | null;
  fleet(projectId: ProjectId): { agent: AgentRef; count: number }[];
  /** In order of arrival. */
  tasks(projectId: ProjectId): Task[];
  task(id: TaskId): Task | null;
  /** In order of number. `live` leaves out ended ones; `recentEnded` bounds how many ended ones come, newest kept. */
  lanes(projectId: ProjectId, filter?: { live?: boolean; recentEnded?: number }): Lane[];
  lane(id: LaneId): Lane | null;
  /** Oldest first; `open` leaves out landed and rejected ones. */
  merges(projectId: ProjectId, filter?: { open?: boolean; laneId?: LaneId }): Merge[];
  merge(id: MergeId): Merge | null;
  /** Newest first, at most `limit` (default 500). */
  checkpoints(projectId: ProjectId, limit?: number): Checkpoint[];
  checkpoint(id: CheckpointId): Checkpoint | null;
  rollbacks(projectId: ProjectId): Rollback[];
  rollback(id: RollbackId): Rollback | null;
  setting(key: string): string | null;

  /** By id, which is by stack and then by name. */
  services(projectId: ProjectId): Service[];
  /** Of all projects, by id. */
  allServices(): Service[];
  service(id: ServiceId): Service | null;
  /** Newest first, at most `limit` (default: all that are kept). */
  revisions(serviceId: ServiceId, limit?: number): Revision[];
  revision(serviceId: ServiceId, number: number): Revision | null;
  /** Newest first, at most `limit` (default: all that are kept). */
  rollouts(serviceId: ServiceId, limit?: number): Rollout[];
  /** The one whose replicas of before are kept for a quick way back; of a service there is one at most. */
  keepingRollout(serviceId: ServiceId): Rollout | null;
  /** The newest that has ended. */
  lastRollout(serviceId: ServiceId): Rollout | null;
  rollout(id: RolloutId): Rollout | null;
  /** Those under way, paused ones too, of all projects: at most one a service, by the service's id. */
  openRollouts(): Rollout[];
  /** By name, as are configs, volumes and previews; volumes and previews by stack before. */
  secrets(projectId: ProjectId): Secret[];
  secret(projectId: ProjectId, name: SecretName): Secret | null;
  configs(projectId: ProjectId): Config[];
  config(projectId: ProjectId, name: SecretName): Config | null;
  volumes(projectId: ProjectId): Volume[];
  volume(projectId: ProjectId, stack: StackName, name: VolumeName): Volume | null;
  /** The machine's own engine first, also while nobody has said anything about it; then by id. */
  serviceHosts(): ServiceHost[];
  previews(projectId: ProjectId): Preview[];
  preview(projectId: ProjectId, stack: StackName): Preview | null;
}

/** Propose, read, watch. */
export interface ControlStore {
  /**
   * Commits the command and answers what applying it said. A command is applied exactly once,
   * also when it is retried inside after a change of leader. Rejects with a `GantryError`
   * (`no-leader`, `disk-full`, `unavailable`) when that could not be had in time.
   * Afterwards `read` includes it.
   */
  propose<Kind extends CommandKind>(command: CommandOf<Kind> & Command): Promise<CommandOutcome<Kind>>;
  readonly read: StateReader;
  /** Resolves once `read` includes everything committed before the call (ReadIndex). */
  barrier(): Promise<void>;
  /** Each applied index once, in order, after `read` includes it. */
  readonly onDidChange: Event<ChangeSet>;
}
