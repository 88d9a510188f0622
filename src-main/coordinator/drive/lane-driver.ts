import type { Disposable } from '#shared/base/disposable.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { RunReport } from '#shared/contract/worker-protocol.ts';
import type { LaneId, RunId } from '#shared/model/ids.ts';
import type { Lane, LaneEnd } from '#shared/model/lane.ts';
import type { Task } from '#shared/model/task.ts';
import { decideLaneStep, type LaneStep, nextRunId } from '../decide/lane-step.ts';
import { decideRunEnd, runsPerRoundMax } from '../decide/run-end.ts';
import { parseRunId } from '../decide/run-id.ts';
import { commitWork, type FinishedWork } from './finished-work.ts';
import { runsOfLane } from './lane-live.ts';
import { type FailureStreak, Loop } from '../../reactor/loop.ts';
import { newMergeId } from './new-ids.ts';
import { type ProjectContext, storedProject } from './project-context.ts';
import { isRefusalOfAll } from './refused-writes.ts';
import { bringUpToDate, buildRunSpec } from './run-start.ts';
import { propose } from '../../reactor/propose.ts';

/** Failures in a row, over this time at least, after which a lane is given up and its task is tried by another. */
const failuresMax = 6;
const failingMsMin = 3_000;
/** A lane that takes more steps than this without a pause goes round in circles. */
const stepsPerPassMax = 50;
/** Lanes that are known to be cleaned up; looking at one again does no harm. */
const cleanedMax = 2_000;
const journalWaitMs = 2_000;

/**
 * Takes each lane from one step to the next. A lane has one loop, so its steps never overlap;
 * each step is derived from what is stored, so it does not matter what was done before a crash.
 */
export class LaneDriver implements Disposable {
  readonly #context: ProjectContext;
  readonly #loops = new Map<LaneId, Loop>();
  /** Lanes that are over and of which nothing is left. */
  readonly #cleaned = new Set<LaneId>();
  #disposed = false;

  constructor(context: ProjectContext) {
    this.#context = context;
  }

  /** Looks at a lane as soon as possible. Cheap; call it for whatever may concern the lane. */
  advance(laneId: LaneId): void {
    if (this.#disposed || this.#cleaned.has(laneId)) return;
    let loop = this.#loops.get(laneId);
    if (!loop) {
      loop = new Loop({
        clock: this.#context.world.clock,
        pass: () => this.#pass(laneId),
        onFailure: (error, streak) => this.#onFailure(laneId, error, streak),
      });
      this.#loops.set(laneId, loop);
    }
    loop.request();
  }

  /** Looks again at all lanes that are not done with: those that ended may still have to be cleaned up. */
  advanceAll(): void {
    for (const laneId of this.#loops.keys()) this.advance(laneId);
  }

  /** Resolves when no lane has anything to do at the moment. */
  async idle(): Promise<void> {
    await Promise.all([...this.#loops.values()].map((loop) => loop.idle()));
  }

  dispose(): void {
    this.#disposed = true;
    // Kept in the map: whoever ends the program in order waits for what still runs (`idle`).
    for (const loop of this.#loops.values()) loop.dispose();
  }

  async #pass(laneId: LaneId): Promise<void> {
    for (let steps = 0; !this.#disposed; steps += 1) {
      if (steps >= stepsPerPassMax) throw new GantryError('internal', 'The lane takes the same steps again and again.');
      const { store, worker } = this.#context.world;
      const lane = store.read.lane(laneId);
      if (!lane) return this.#forget(laneId);
      const task = lane.taskId === null ? null : store.read.task(lane.taskId);
      const report = lane.runId === null ? undefined : worker.reports().get(lane.runId);
      const workerConnected = worker.connection().state === 'connected';
      const step = decideLaneStep({ lane, task, report, workerConnected });
      const mayGoOn = await this.#perform(lane, task, step);
      if (!mayGoOn) return;
    }
  }

  /** Answers whether the next step may be looked for at once. */
  async #perform(lane: Lane, task: Task | null, step: LaneStep): Promise<boolean> {
    switch (step.kind) {
      case 'none':
        if (lane.stage === 'ended') this.#forget(lane.id);
        return false;
      case 'let-go':
        return this.#end(lane, { kind: 'stopped', reason: step.because }, 'keep');
      case 'clean-up':
        return this.#cleanUp(lane);
      case 'prepare':
        return task !== null && this.#prepare(lane, task);
      case 'begin-run':
        if (step.rework) await bringUpToDate(this.#context, lane);
        return this.#beginRun(lane, step.runId);
      case 'start-run':
        return task !== null && this.#startRun(lane, task, step.runId);
      case 'finish-run':
        return task !== null && this.#finishRun(lane, task, step.report);
    }
  }

  async #prepare(lane: Lane, task: Task): Promise<boolean> {
    const { world, repository, ports } = this.#context;
    if (lane.token === null) return false;
    const project = storedProject(this.#context);
    const made = await repository.addLaneWorktree({
      laneId: lane.id,
      number: lane.number,
      title: task.title,
      from: await repository.landingHead(project.targetBranch),
    });
    const inUse = world.store.read
      .projects()
      .flatMap((each) => world.store.read.lanes(each.id, { live: true }))
      .flatMap((each) => (each.workspace ? [each.workspace] : []));
    const range = await ports.take(inUse);
    if (!range) {
      throw new GantryError('port-taken', 'No range of ten free ports is left for another lane. Stop a lane first.');
    }
    try {
      // An earlier preparation that was cut short may have made the worktree from an older commit.
      const { worktree, branch, head: baseCommit } = made;
      const workspace = { worktree, branch, baseCommit, ...range };
      const outcome = await propose(world, { kind: 'lane.prepare', laneId: lane.id, token: lane.token, workspace });
      this.#context.log.info('lane prepared', { laneId: lane.id, worktree });
      return outcome.ok;
    } finally {
      ports.release(range);
    }
  }

  async #beginRun(lane: Lane, runId: RunId): Promise<boolean> {
    if (lane.token === null) return false;
    const { world } = this.#context;
    const outcome = await propose(world, { kind: 'lane.run', laneId: lane.id, token: lane.token, runId });
    // A refusal means that the lane is not what it was: its next step follows from what it is now.
    return outcome.ok || this.#refused(lane, outcome.error);
  }

  async #startRun(lane: Lane, task: Task, runId: RunId): Promise<boolean> {
    const { world, live } = this.#context;
    const spec = await buildRunSpec(this.#context, lane, task, runId);
    const current = world.store.read.lane(lane.id);
    if (spec === null || current?.runId !== runId || current.stage !== 'working') return true;
    // Asking a worker that was shut down meanwhile would start it, which only a person may.
    if (world.worker.connection().state !== 'connected') return false;
    const started = await world.worker.start(spec);
    if (started.ok) {
      live.follow(lane.id);
      return false;
    }
    const { code, message } = started.error;
    if (code === 'agent-missing') {
      const run = { kind: 'failed', reason: 'not-found', detail: message, exitCode: null, signal: null } as const;
      return this.#end(lane, { kind: 'failed', reason: message, run }, 'reopen');
    }
    // The worker comes back by itself; the lane waits for it.
    if (code === 'worker-unavailable') return false;
    throw new GantryError(code === 'disk-full' ? 'disk-full' : 'internal', message);
  }

  async #finishRun(lane: Lane, task: Task, report: RunReport): Promise<boolean> {
    const { world, repository, live } = this.#context;
    const { outcome } = report;
    if (lane.workspace === null || lane.token === null || outcome === null) return false;
    await live.caughtUp(report, (done) => world.clock.after(journalWaitMs, done));

    let unmergedPaths: readonly string[] = [];
    let work: FinishedWork | null = null;
    if (outcome.kind === 'ok') {
      unmergedPaths = await repository.unmergedPaths(lane.workspace.worktree);
      if (unmergedPaths.length === 0) work = await commitWork(this.#context, lane, task);
    }
    const decision = decideRunEnd({
      outcome,
      endedAgoMs: world.clock.nowMs() - report.lastEventAtMs,
      filesChanged: work?.changes.files ?? 0,
      unmergedPaths,
      attempt: parseRunId(report.runId)?.attempt ?? 1,
      runsPerRoundMax,
    });
    switch (decision.kind) {
      case 'wait':
        // The next look at all lanes finds it again.
        return false;
      case 'run-again':
        return this.#beginRun(lane, nextRunId(lane, report.runId));
      case 'end':
        return this.#end(lane, decision.end, decision.task);
      case 'submit': {
        if (work === null) return false;
        const outcome = await propose(world, {
          kind: 'lane.submit',
          laneId: lane.id,
          token: lane.token,
          mergeId: newMergeId(world.random),
          headCommit: work.head,
          changes: work.changes,
          summary: decision.summary.slice(0, 4_000),
          usage: live.activity(lane.id).usage,
        });
        return outcome.ok || this.#refused(lane, outcome.error);
      }
    }
  }

  async #end(lane: Lane, end: LaneEnd, task: 'reopen' | 'reopen-free' | 'fail' | 'keep'): Promise<boolean> {
    const outcome = await propose(this.#context.world, {
      kind: 'lane.end',
      laneId: lane.id,
      token: lane.token,
      end,
      task,
    });
    return outcome.ok || this.#refused(lane, outcome.error);
  }

  /** Only once its processes are gone: what still runs could write into what is removed. */
  async #cleanUp(lane: Lane): Promise<boolean> {
    const { world, repository, live, projectId } = this.#context;
    if (lane.workspace === null) return false;
    if (world.worker.connection().state !== 'connected') return false;
    const running = runsOfLane(world.worker, lane.id).filter((report) => report.state !== 'ended');
    for (const report of running) {
      const reason = lane.end?.kind === 'stopped' ? lane.end.reason : 'The lane has ended.';
      await world.worker.control(report.runId, 'stop', reason);
    }
    // The end of the run brings the lane back here.
    if (running.length > 0) return false;
    const { worktree, branch } = lane.workspace;
    await repository.removeLaneWorktree(worktree, branch, lane.id);
    // Not only what this removal saved: an earlier one may have been cut short after it had.
    const savedRef = (await repository.savedWork(lane.id))?.ref ?? null;
    if (savedRef !== null) this.#context.savedRefs.set(lane.id, savedRef);
    await world.folders.remove(projectId, lane.id);
    live.end(lane.id);
    this.#context.liveChanges.delete(lane.id);
    this.#context.feed.lane(lane.id);
    this.#context.log.info('lane cleaned up', { laneId: lane.id, savedRef });
    this.#forget(lane.id);
    return false;
  }

  #forget(laneId: LaneId): void {
    this.#cleaned.add(laneId);
    for (const oldest of this.#cleaned) {
      if (this.#cleaned.size <= cleanedMax) break;
      this.#cleaned.delete(oldest);
    }
    this.#loops.get(laneId)?.dispose();
    this.#loops.delete(laneId);
  }

  /** The stored state moved on meanwhile: it is read again before anything else is done. */
  #refused(lane: Lane, refusal: { code: string; message: string }): boolean {
    this.#context.log.info('lane step refused', { laneId: lane.id, code: refusal.code, detail: refusal.message });
    return refusal.code === 'stale-token';
  }

  #onFailure(laneId: LaneId, error: unknown, { failures, lastsMs, isNews }: FailureStreak): void {
    const { log, world } = this.#context;
    const message = error instanceof Error ? error.message : String(error);
    if (isNews) log.warn('lane step failed', { laneId, failures, error: message });
    // Nothing that another lane would do better: it waits.
    const isNoFaultOfItsOwn = isRefusalOfAll(error) || (error instanceof GantryError && error.code === 'unavailable');
    if (isNoFaultOfItsOwn || failures < failuresMax || lastsMs < failingMsMin) return;
    const lane = world.store.read.lane(laneId);
    if (!lane || lane.stage === 'ended' || lane.stage === 'submitted') return;
    const end: LaneEnd = { kind: 'failed', reason: message, run: null };
    this.#end(lane, end, 'reopen').catch((cause: unknown) =>
      log.error('lane could not be ended', { laneId, error: String(cause) }),
    );
  }
}
