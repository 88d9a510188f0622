/** What the screens are shown, computed when asked from what is stored and what is live. */
import type { LaneStatus, LaneView, ProjectView, TaskView } from '#shared/contract/views.ts';
import type { LaneId, ProjectId, TaskId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Merge } from '#shared/model/merge.ts';
import type { Project } from '#shared/model/project.ts';
import type { Task } from '#shared/model/task.ts';
import { taskNotBefore } from '../decide/backoff.ts';
import { laneStatus, laneView, type LaneViewFacts } from '../decide/lane-view.ts';
import { countsOf, totalsOf } from '../decide/project-view.ts';
import { taskViews } from '../decide/task-view.ts';
import { type CoordinatorCore, endedLanesShownMax } from './coordinator-core.ts';

/** Reads views. Live lanes and the newest ended ones (`endedLanesShownMax`) have one. */
export class Views {
  readonly #core: CoordinatorCore;

  constructor(core: CoordinatorCore) {
    this.#core = core;
  }

  /** All rows of a project, in order of lane number. Empty for an unknown project. */
  lanes(projectId: ProjectId): LaneView[] {
    return this.#facts(projectId).map(laneView);
  }

  /** One row; null for an unknown lane and one that ended long ago. */
  lane(laneId: LaneId): LaneView | null {
    const { read } = this.#core.world.store;
    const lane = read.lane(laneId);
    const project = lane && read.project(lane.projectId);
    if (!lane || !project) return null;
    if (lane.stage === 'ended') {
      const shown = read.lanes(project.id, { recentEnded: endedLanesShownMax });
      if (!shown.some((each) => each.id === laneId)) return null;
    }
    const task = lane.taskId === null ? null : read.task(lane.taskId);
    const merge = read.merges(project.id, { laneId }).at(-1) ?? null;
    return laneView(this.#laneFacts(project, lane, task, merge));
  }

  /** All cards of a project, in order of arrival. */
  tasks(projectId: ProjectId): TaskView[] {
    const { world } = this.#core;
    const { read } = world.store;
    const project = read.project(projectId);
    if (!project) return [];
    const tasks = read.tasks(projectId);
    const lanes = read.lanes(projectId, { recentEnded: endedLanesShownMax });
    const status = new Map<LaneId, LaneStatus>();
    for (const facts of this.#facts(projectId)) {
      const waitsForApproval =
        facts.merge?.stage === 'queued' &&
        facts.lane.stage === 'submitted' &&
        !project.autoMerge &&
        !facts.merge.approved;
      status.set(facts.lane.id, waitsForApproval ? 'waiting' : laneStatus(facts));
    }
    return taskViews({
      tasks,
      lanes,
      laneStatus: status,
      fleetAgents: read.fleet(projectId).map((entry) => entry.agent),
      notBeforeMs: taskNotBefore(tasks, lanes),
      nowMs: world.clock.nowMs(),
    });
  }

  /** All projects, in the order in which the store has them. */
  projects(): ProjectView[] {
    return this.#core.world.store.read.projects().map((project) => this.#project(project));
  }

  project(projectId: ProjectId): ProjectView | null {
    const project = this.#core.world.store.read.project(projectId);
    return project ? this.#project(project) : null;
  }

  #project(project: Project): ProjectView {
    const { world } = this.#core;
    const { read } = world.store;
    const driver = this.#core.driver(project.id);
    const facts = driver?.repositoryFacts;
    const target = facts?.target ?? null;
    const missing =
      driver && facts && facts.branches.length > 0 && target === null
        ? `The branch ${project.targetBranch} does not exist any more. Choose another target branch.`
        : null;
    const because = this.#core.unavailable(project.id)?.because ?? missing;
    const lanes = this.#facts(project.id).map((each) => ({
      status: laneStatus(each),
      end: each.lane.end,
      usage: each.activity.usage ?? each.lane.usage,
    }));
    const tasks = read.tasks(project.id);
    const dayStart = new Date(world.clock.nowMs());
    dayStart.setHours(0, 0, 0, 0);
    return {
      ...project,
      available: driver !== null && because === null,
      unavailableBecause: because ?? (driver === null ? 'The repository is being opened.' : null),
      branches: [...(facts?.branches ?? [])],
      targetHead: target?.head ?? null,
      detour:
        target?.detour === undefined || target.detour === null
          ? null
          : {
              branch: target.detour.branch,
              aheadBy: target.detour.aheadBy,
              because: target.checkout?.because ?? `${project.targetBranch} was not clean when the last merge landed.`,
              canBringIn: target.checkout === null || target.checkout.clean,
            },
      fleet: read.fleet(project.id),
      counts: countsOf({ lanes, tasks, openMerges: read.merges(project.id, { open: true }) }),
      totals: totalsOf(lanes, read.lanes(project.id, { recentEnded: endedLanesShownMax }), dayStart.getTime()),
      rollingBack: read.rollbacks(project.id).some((each) => each.stage === 'reverting' || each.stage === 'undoing'),
      mergeProblem: this.#core.writes.problem() ?? driver?.context.mergeProblem ?? null,
    };
  }

  #facts(projectId: ProjectId): LaneViewFacts[] {
    const { read } = this.#core.world.store;
    const project = read.project(projectId);
    if (!project) return [];
    const tasks = new Map<TaskId, Task>(read.tasks(projectId).map((task) => [task.id, task]));
    const newestMerge = new Map<LaneId, Merge>();
    for (const merge of read.merges(projectId)) newestMerge.set(merge.laneId, merge);
    return read.lanes(projectId, { recentEnded: endedLanesShownMax }).map((lane) => {
      const task = lane.taskId === null ? null : (tasks.get(lane.taskId) ?? null);
      return this.#laneFacts(project, lane, task, newestMerge.get(lane.id) ?? null);
    });
  }

  #laneFacts(project: Project, lane: Lane, task: Task | null, merge: Merge | null): LaneViewFacts {
    const { world, live } = this.#core;
    const context = this.#core.driver(project.id)?.context;
    const connection = world.worker.connection();
    const runningGate = context?.runningGate;
    return {
      project,
      lane,
      task,
      merge,
      activity: live.activity(lane.id),
      report: lane.runId === null ? undefined : world.worker.reports().get(lane.runId),
      worker: {
        connection: connection.state,
        startingSinceMs: connection.state === 'starting' ? connection.sinceMs : null,
        heardAtMs: world.worker.heardAtMs(),
        unreachableBecause: connection.state === 'unreachable' ? connection.reason : null,
      },
      collisions: context?.collisions.get(lane.id) ?? [],
      liveChanges: context?.liveChanges.get(lane.id) ?? null,
      savedRef: context?.savedRefs.get(lane.id) ?? null,
      takesMessages: world.agentCapabilities(lane.agent).messages,
      runningGate: runningGate?.laneId === lane.id ? runningGate.name : null,
      nowMs: world.clock.nowMs(),
    };
  }
}
