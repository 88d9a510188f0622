/**
 * The coordinator as the rest of the program sees it: requests named after the calls of the
 * contract, views, and one event that says what may look different. Everything that happens
 * between is in `drive/`, everything that is decided in `decide/`.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import type { Event } from '#shared/base/emitter.ts';
import type { LaneView, ProjectView, TaskView } from '#shared/contract/views.ts';
import type { Checkpoint, Rollback, RollbackPlan } from '#shared/model/checkpoint.ts';
import type { CheckpointId, LaneId, ProjectId, RollbackId } from '#shared/model/ids.ts';
import type { LaneActivity } from './decide/lane-activity.ts';
import type { CoordinatorChange } from './drive/change-feed.ts';
import { withCachedReads } from '../state/cached-reads.ts';
import { CoordinatorCore } from './drive/coordinator-core.ts';
import { LaneRequests } from './drive/lane-requests.ts';
import type { ProjectCode } from '../ports/project-code.ts';
import { projectCode } from './drive/project-code.ts';
import { ProjectRequests } from './drive/project-requests.ts';
import { RefusedWrites } from './drive/refused-writes.ts';
import { addManualCheckpoint } from './drive/rollback-runner.ts';
import { TaskRequests } from './drive/task-requests.ts';
import { Views } from './drive/views.ts';
import type { World } from './drive/world.ts';
import { GantryError } from '#shared/contract/error.ts';

/** Requests about the timeline. */
export interface TimelineRequests {
  checkpoint(projectId: ProjectId, label: string): Promise<Checkpoint>;
  /** What rolling back would do now. Changes nothing. */
  plan(checkpointId: CheckpointId): Promise<RollbackPlan>;
  /** Executes a plan that was agreed to; `outdated-plan` when it would do anything else by now. */
  rollBack(checkpointId: CheckpointId, fingerprint: string): Promise<Rollback>;
  undo(rollbackId: RollbackId): Promise<Rollback>;
}

/** Views are computed when they are asked for. */
export interface CoordinatorViews {
  projects(): ProjectView[];
  project(projectId: ProjectId): ProjectView | null;
  /** Live lanes and the newest 500 ended ones, by number. */
  lanes(projectId: ProjectId): LaneView[];
  /** Null for a lane that is not shown (any more). */
  lane(laneId: LaneId): LaneView | null;
  tasks(projectId: ProjectId): TaskView[];
  /** Newest first, at most 500. */
  checkpoints(projectId: ProjectId): Checkpoint[];
  rollbacks(projectId: ProjectId): Rollback[];
  /** What a lane is doing, from its events. */
  activity(laneId: LaneId): LaneActivity;
  /** Events of all lanes since the start, for rates. */
  eventsTotal(): number;
}

export interface Coordinator extends Disposable {
  readonly projects: ProjectRequests;
  readonly tasks: TaskRequests;
  readonly lanes: LaneRequests;
  readonly timeline: TimelineRequests;
  readonly views: CoordinatorViews;
  /** Announced in batches; read the views of what you show. */
  readonly onDidChange: Event<CoordinatorChange>;
  /** The projects' code for those who build it; `folder` holds archives while they are read. */
  code(folder: string): ProjectCode;
  /** Resolves when nothing is being done at the moment. */
  idle(): Promise<void>;
}

/**
 * Starts coordinating on a store: goes on from what is stored, adopts what the worker runs.
 * Resolves once all stored projects are open or known to be unavailable. Disposing it ends no
 * lane: the worker keeps running them until another coordinator adopts them.
 */
export async function openCoordinator(given: World): Promise<Coordinator> {
  const writes = new RefusedWrites(withCachedReads(given.store), given.clock);
  const world: World = { ...given, store: writes.store };
  const core = new CoordinatorCore(world, writes);
  try {
    await core.start();
  } catch (error) {
    core.dispose();
    throw error;
  }
  const views = new Views(core);
  const { read } = world.store;
  const rollbacksOf = (projectId: ProjectId | undefined, what: string) => {
    if (projectId === undefined) throw new GantryError('not-found', `This ${what} does not exist.`);
    return core.usable(projectId).rollbacks;
  };
  const ofCheckpoint = (id: CheckpointId) => rollbacksOf(read.checkpoint(id)?.projectId, 'checkpoint');
  return {
    projects: new ProjectRequests(core, views),
    tasks: new TaskRequests(core),
    lanes: new LaneRequests(core),
    timeline: {
      checkpoint: (projectId, label) => addManualCheckpoint(core.usable(projectId).context, label),
      plan: async (checkpointId) => ofCheckpoint(checkpointId).plan(checkpointId),
      rollBack: async (checkpointId, fingerprint) => ofCheckpoint(checkpointId).rollBack(checkpointId, fingerprint),
      undo: async (rollbackId) => rollbacksOf(read.rollback(rollbackId)?.projectId, 'rollback').undo(rollbackId),
    },
    views: {
      projects: () => views.projects(),
      project: (projectId) => views.project(projectId),
      lanes: (projectId) => views.lanes(projectId),
      lane: (laneId) => views.lane(laneId),
      tasks: (projectId) => views.tasks(projectId),
      checkpoints: (projectId) => world.store.read.checkpoints(projectId),
      rollbacks: (projectId) => world.store.read.rollbacks(projectId),
      activity: (laneId) => core.live.activity(laneId),
      eventsTotal: () => core.live.eventsTotal,
    },
    onDidChange: core.feed.onDidChange,
    code: (folder) => projectCode(core, folder),
    idle: () => core.idle(),
    dispose: () => core.dispose(),
  };
}
