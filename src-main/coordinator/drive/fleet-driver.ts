import type { Disposable } from '#shared/base/disposable.ts';
import { agentNotBefore, taskNotBefore } from '../decide/backoff.ts';
import { criticalPath } from '../decide/critical-path.ts';
import { planFleet } from '../decide/fleet.ts';
import { claimableTasks } from '../decide/queue.ts';
import { durationsOf, pathTasks } from '../decide/task-view.ts';
import { Loop } from '../../reactor/loop.ts';
import { newLaneId } from './new-ids.ts';
import { type ProjectContext, storedProject } from './project-context.ts';
import { propose } from '../../reactor/propose.ts';

/** Ended lanes that are looked at for what was learnt from them. */
const endedLanesRead = 200;

/** Keeps as many agents busy as the person wants: opens lanes, claims tasks for them, closes idle ones. */
export class FleetDriver implements Disposable {
  readonly #context: ProjectContext;
  readonly #loop: Loop;
  #wakeUp: Disposable | null = null;

  constructor(context: ProjectContext) {
    this.#context = context;
    this.#loop = new Loop({
      clock: context.world.clock,
      pass: () => this.#pass(),
      onFailure: (error, { failures, isNews }) => {
        if (isNews) context.log.warn('fleet pass failed', { failures, error: String(error) });
      },
    });
  }

  request(): void {
    this.#loop.request();
  }

  idle(): Promise<void> {
    return this.#loop.idle();
  }

  dispose(): void {
    this.#wakeUp?.dispose();
    this.#loop.dispose();
  }

  async #pass(): Promise<void> {
    const { world, projectId, reservedTasks } = this.#context;
    const { read } = world.store;
    const project = storedProject(this.#context);
    if (read.rollbacks(projectId).some((each) => each.stage === 'reverting' || each.stage === 'undoing')) return;

    const tasks = read.tasks(projectId);
    const lanes = read.lanes(projectId, { recentEnded: endedLanesRead });
    const fleet = read.fleet(projectId);
    const nowMs = world.clock.nowMs();
    const notBeforeMs = taskNotBefore(tasks, lanes);
    const agentRests = agentNotBefore(lanes);
    const durations = durationsOf(tasks, lanes);
    const { weightMs } = criticalPath(pathTasks(tasks, durations.of));
    const free = tasks.filter((task) => !reservedTasks.has(task.id));
    const plan = planFleet({
      fleet,
      lanes: lanes.filter((lane) => lane.stage !== 'ended'),
      openTasks: free.filter((task) => task.status.state === 'open'),
      claimable: claimableTasks({ tasks, weightMs, notBeforeMs, nowMs }).filter((task) => !reservedTasks.has(task.id)),
      resting: new Set([...agentRests].filter(([, rest]) => rest.atMs > nowMs).map(([agent]) => agent)),
    });

    const [, , opened] = await Promise.all([
      Promise.all(
        plan.close.map((laneId) =>
          propose(world, {
            kind: 'lane.end',
            laneId,
            token: null,
            end: { kind: 'stopped', reason: 'No task was left for it.' },
            task: 'keep',
          }),
        ),
      ),
      Promise.all(
        plan.claims.map((claim) => propose(world, { kind: 'task.claim', ...claim, leaseMs: project.leaseMs })),
      ),
      Promise.all(
        plan.open.map((agent) =>
          propose(world, { kind: 'lane.open', laneId: newLaneId(world.random), projectId, agent }),
        ),
      ),
    ]);
    // New lanes have nothing to do yet: they are given tasks in the next pass. Where they were refused,
    // going round at once would only be refused again.
    if (opened.some((outcome) => outcome.ok)) this.request();
    this.#wakeAt([...notBeforeMs.values(), ...[...agentRests.values()].map((rest) => rest.atMs)], nowMs);
  }

  #wakeAt(timesMs: readonly number[], nowMs: number): void {
    this.#wakeUp?.dispose();
    const next = Math.min(...timesMs.filter((atMs) => atMs > nowMs));
    this.#wakeUp = Number.isFinite(next) ? this.#context.world.clock.after(next - nowMs, () => this.request()) : null;
  }
}
