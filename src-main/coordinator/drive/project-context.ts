/** What the drivers of one project share. */
import type { GateResult } from '#shared/model/gate.ts';
import type { Collision } from '#shared/contract/views.ts';
import type { LaneId, MergeId, ProjectId, TaskId } from '#shared/model/ids.ts';
import type { Project } from '#shared/model/project.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ChangeCount, GitRepository } from '../../ports/git.ts';
import type { Log } from '../../ports/log.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { LaneLive } from './lane-live.ts';
import type { Mutex } from './mutex.ts';
import type { PortRanges } from './port-ranges.ts';
import type { World } from './world.ts';

/** A gate that runs now. */
export interface RunningGate {
  readonly mergeId: MergeId;
  readonly laneId: LaneId;
  readonly name: string;
  readonly command: string;
  readonly startedAtMs: number;
  readonly outputTail: string;
}

/** One opened project. Only facts that are lost without harm when the program ends live here. */
export interface ProjectContext {
  readonly world: World;
  readonly projectId: ProjectId;
  readonly repository: GitRepository;
  readonly log: Log;
  readonly live: LaneLive;
  readonly feed: ChangeFeed;
  readonly ports: PortRanges;
  /** Held while the target is moved: by a merge that lands, a rollback or an undo. */
  readonly integration: Mutex;
  /** Tasks that must not be claimed at the moment, because a person's request is about to change them. */
  readonly reservedTasks: Set<TaskId>;
  /** Where live lanes will collide, as last computed. */
  collisions: ReadonlyMap<LaneId, readonly Collision[]>;
  /** What lies in live worktrees, as last counted. */
  readonly liveChanges: Map<LaneId, ChangeCount>;
  /** Where the work of lanes is that ended without a merge: the newest ref of each. */
  readonly savedRefs: Map<LaneId, string>;
  runningGate: RunningGate | null;
  /** The last thing that went wrong while merging; null once it works again. */
  mergeProblem: string | null;
}

/** The project as stored. Throws `not-found` when it was forgotten meanwhile. */
export function storedProject(context: Pick<ProjectContext, 'world' | 'projectId'>): Project {
  const project = context.world.store.read.project(context.projectId);
  if (!project) throw new GantryError('not-found', `The project ${context.projectId} is not open any more.`);
  return project;
}

/** The gates that work on a task has to pass. */
export function gatesFor(project: Project, taskGate: string | null): Project['gates'] {
  if (taskGate === null) return project.gates;
  return [...project.gates, { name: 'task', command: taskGate, timeoutMs: taskGateTimeoutMs }];
}

/** How long a task's own gate may run. */
export const taskGateTimeoutMs = 600_000;

/** True for a gate whose result is against landing. */
export function isFailedGate(result: GateResult): boolean {
  return result.state === 'failed' || result.state === 'timed-out';
}
