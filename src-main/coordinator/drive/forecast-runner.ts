import type { Disposable } from '#shared/base/disposable.ts';
import type { LaneId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { ChangeCount } from '../../ports/git.ts';
import { collisionsOf, type LaneSnapshot, lanesToLookAt, pairsToTry, type TrialConflict } from '../decide/forecast.ts';
import { effectiveBase } from './finished-work.ts';
import { Loop } from '../../reactor/loop.ts';
import { type ProjectContext, storedProject } from './project-context.ts';

/** A pass looks at this many worktrees at most; the others keep their last snapshot until their turn. */
export const snapshotsPerPassMax = 16;
/** And at this many pairs. */
export const pairsPerPassMax = 64;
/** Worktrees are not looked at more often than this. */
export const forecastIntervalMs = 3_000;

interface Known {
  readonly snapshot: LaneSnapshot;
  readonly changes: ChangeCount;
  /** The commits between which paths and changes were counted. */
  readonly between: string;
  /** How many events the lane had when the snapshot was taken. */
  readonly eventsTotal: number;
  readonly stage: Lane['stage'];
}

/**
 * Keeps known which live lanes will collide with each other and with the target, and how much
 * each has changed. Works on snapshots, uncommitted work included; no worktree is touched.
 */
export class ForecastRunner implements Disposable {
  readonly #context: ProjectContext;
  readonly #loop: Loop;
  readonly #known = new Map<LaneId, Known>();
  /** Outcomes of trial merges by the two commits; a merge of the same commits ends the same. */
  #trials = new Map<string, readonly string[]>();
  /** The pass in which each lane was last looked at. */
  readonly #lookedAt = new Map<LaneId, number>();
  #passes = 0;
  readonly #timer: Disposable;

  constructor(context: ProjectContext) {
    this.#context = context;
    this.#loop = new Loop({
      clock: context.world.clock,
      pass: () => this.#pass(),
      onFailure: (error, { failures, isNews }) => {
        if (isNews) context.log.warn('forecast failed', { failures, error: String(error) });
      },
    });
    this.#timer = context.world.clock.every(forecastIntervalMs, () => this.#loop.request());
  }

  idle(): Promise<void> {
    return this.#loop.idle();
  }

  dispose(): void {
    this.#timer.dispose();
    this.#loop.dispose();
  }

  async #pass(): Promise<void> {
    const { world, repository, projectId } = this.#context;
    const lanes = world.store.read
      .lanes(projectId, { live: true })
      .filter((lane) => lane.workspace !== null && (lane.stage === 'working' || lane.stage === 'submitted'));
    const live = new Set(lanes.map((lane) => lane.id));
    for (const laneId of this.#known.keys()) if (!live.has(laneId)) this.#known.delete(laneId);
    for (const laneId of this.#lookedAt.keys()) if (!live.has(laneId)) this.#lookedAt.delete(laneId);
    if (lanes.length === 0) return this.#publish([]);

    this.#passes += 1;
    const outdated = lanes.filter((lane) => this.#isOutdated(lane));
    for (const lane of lanesToLookAt(outdated, this.#lookedAt, snapshotsPerPassMax)) {
      this.#lookedAt.set(lane.id, this.#passes);
      await this.#tryToSnapshot(lane);
    }
    const target = await repository.landingHead(storedProject(this.#context).targetBranch);
    const snapshots = [...this.#known.values()].map((known) => known.snapshot);
    const trials = new Map<string, readonly string[]>();
    const conflicts: TrialConflict[] = [];
    for (const first of snapshots) {
      if (first.changedPaths.length === 0) continue;
      const paths = await this.#try(trials, target, first.commit);
      if (paths.length > 0) conflicts.push({ first, second: null, paths });
    }
    for (const { first, second } of pairsToTry(snapshots, pairsPerPassMax)) {
      const paths = await this.#try(trials, first.commit, second.commit);
      if (paths.length > 0) conflicts.push({ first, second, paths });
    }
    this.#trials = trials;
    this.#publish(conflicts);
  }

  #isOutdated(lane: Lane): boolean {
    const known = this.#known.get(lane.id);
    const eventsTotal = this.#context.live.activity(lane.id).eventsTotal;
    return known === undefined || known.stage !== lane.stage || known.eventsTotal !== eventsTotal;
  }

  /** One worktree that cannot be read must not keep the others from being foreseen. */
  async #tryToSnapshot(lane: Lane): Promise<void> {
    try {
      await this.#snapshot(lane);
    } catch (error) {
      this.#context.log.debug('a worktree could not be looked at', { laneId: lane.id, error: String(error) });
    }
  }

  async #snapshot(lane: Lane): Promise<void> {
    const { repository, live, liveChanges, feed, world } = this.#context;
    if (lane.workspace === null || !(await repository.hasWorktree(lane.workspace.worktree))) return;
    const { worktree, baseCommit } = lane.workspace;
    const eventsTotal = live.activity(lane.id).eventsTotal;
    const commit =
      lane.stage === 'submitted' && lane.headCommit !== null
        ? lane.headCommit
        : await repository.snapshotCommit(worktree);
    // What came in with the target is not the lane's doing.
    const base = lane.reworks > 0 ? await effectiveBase(this.#context, baseCommit, commit) : baseCommit;
    const between = `${baseCommit} ${base} ${commit}`;
    const last = this.#known.get(lane.id);
    const known = last?.between === between ? last : null;
    const changedPaths = known?.snapshot.changedPaths ?? (await repository.changedPaths(baseCommit, commit));
    const changes = known?.changes ?? (await repository.countChanges(base, commit));
    // The lane may have ended while git was asked.
    if (world.store.read.lane(lane.id)?.stage === 'ended') return;
    this.#known.set(lane.id, {
      snapshot: { laneId: lane.id, number: lane.number, commit, changedPaths },
      changes,
      between,
      eventsTotal,
      stage: lane.stage,
    });
    liveChanges.set(lane.id, changes);
    feed.lane(lane.id);
  }

  async #try(
    trials: Map<string, readonly string[]>,
    ours: LaneSnapshot['commit'],
    theirs: LaneSnapshot['commit'],
  ): Promise<readonly string[]> {
    const key = `${ours} ${theirs}`;
    let paths = this.#trials.get(key) ?? trials.get(key);
    if (!paths) {
      const outcome = await this.#context.repository.mergeTree(ours, theirs);
      paths = outcome.kind === 'conflict' ? outcome.conflicts.map((conflict) => conflict.path) : [];
    }
    trials.set(key, paths);
    return paths;
  }

  #publish(conflicts: readonly TrialConflict[]): void {
    const before = this.#context.collisions;
    const collisions = collisionsOf(conflicts);
    this.#context.collisions = collisions;
    for (const laneId of new Set([...before.keys(), ...collisions.keys()])) {
      if (JSON.stringify(before.get(laneId)) !== JSON.stringify(collisions.get(laneId)))
        this.#context.feed.lane(laneId);
    }
  }
}
