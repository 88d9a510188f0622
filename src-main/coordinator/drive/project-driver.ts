import { type Disposable, DisposableStore } from '#shared/base/disposable.ts';
import type { LaneId, MergeId, ProjectId } from '#shared/model/ids.ts';
import type { GitRepository, TargetState } from '../../ports/git.ts';
import type { Change } from '../../state/control-store.ts';
import { waitsForPerson } from '../decide/lane-activity.ts';
import { laneHealth, lanesToEnd } from '../decide/lane-health.ts';
import type { ChangeFeed } from './change-feed.ts';
import { FleetDriver } from './fleet-driver.ts';
import { ForecastRunner } from './forecast-runner.ts';
import { LaneDriver } from './lane-driver.ts';
import { type LaneLive, runsOfLane } from './lane-live.ts';
import { keepLeases } from './lease-keeper.ts';
import { Loop } from '../../reactor/loop.ts';
import { MergeRunner } from './merge-runner.ts';
import { Mutex } from './mutex.ts';
import { recordOpening } from './opening.ts';
import type { PortRanges } from './port-ranges.ts';
import { type ProjectContext, storedProject } from './project-context.ts';
import { RollbackRunner } from './rollback-runner.ts';
import type { World } from './world.ts';

/** How long changes of the repository are collected before it is read anew. */
const repositoryLookMs = 500;
/** Ended lanes that are looked at after a start, before anything of theirs is removed. */
const recentlyEndedLanes = 50;

/** What the repository looked like when it was last read. */
export interface RepositoryFacts {
  readonly branches: readonly string[];
  /** Null when the target branch does not exist. */
  readonly target: TargetState | null;
}

/** Drives one opened project: its fleet, lanes, merges and rollbacks. Begins with `start`. */
export class ProjectDriver implements Disposable {
  readonly context: ProjectContext;
  readonly rollbacks: RollbackRunner;
  readonly #lanes: LaneDriver;
  readonly #fleet: FleetDriver;
  readonly #merges: MergeRunner;
  readonly #forecast: ForecastRunner;
  readonly #upkeep: Loop;
  readonly #repositoryLoop: Loop;
  #repositoryLook: Disposable | null = null;
  readonly #owned = new DisposableStore();
  #facts: RepositoryFacts = { branches: [], target: null };

  constructor(options: {
    readonly world: World;
    readonly projectId: ProjectId;
    readonly repository: GitRepository;
    readonly live: LaneLive;
    readonly feed: ChangeFeed;
    readonly ports: PortRanges;
  }) {
    const { world, projectId } = options;
    const log = world.log.child({ projectId });
    this.context = {
      ...options,
      log,
      integration: new Mutex(),
      reservedTasks: new Set(),
      collisions: new Map(),
      liveChanges: new Map(),
      savedRefs: new Map(),
      runningGate: null,
      mergeProblem: null,
    };
    this.#lanes = this.#owned.add(new LaneDriver(this.context));
    this.#fleet = this.#owned.add(new FleetDriver(this.context));
    this.#merges = this.#owned.add(new MergeRunner(this.context));
    this.#forecast = this.#owned.add(new ForecastRunner(this.context));
    this.rollbacks = new RollbackRunner(this.context);
    const { clock } = world;
    this.#upkeep = this.#owned.add(
      new Loop({
        clock,
        pass: () => this.#keepUp(),
        onFailure: (error, { failures, isNews }) => {
          if (isNews) log.warn('upkeep failed', { failures, error: String(error) });
        },
      }),
    );
    this.#repositoryLoop = this.#owned.add(
      new Loop({
        clock,
        pass: () => this.readRepository(),
        onFailure: (error, { failures, isNews }) => {
          if (isNews) log.warn('repository could not be read', { failures, error: String(error) });
        },
      }),
    );
  }

  /** What is known of branches and target. */
  get repositoryFacts(): RepositoryFacts {
    return this.#facts;
  }

  /** Goes on from what is stored: completes what a crash cut short, then works. */
  async start(): Promise<void> {
    const { repository, world } = this.context;
    if (world.viewOnly) {
      await this.#readSavedWork();
      return this.readRepository();
    }
    await keepLeases(this.context);
    await recordOpening(this.context);
    await this.rollbacks.recover();
    const { removed } = await repository.sweep(this.#lanesInUse());
    if (removed.length > 0) this.context.log.info('swept worktrees', { removed });
    await this.#readSavedWork();
    this.#owned.add(repository.watch(() => this.onRepositoryChange()));
    await this.readRepository();
    for (const laneId of this.#lanesInUse()) this.#lanes.advance(laneId);
    this.request();
  }

  /** Looks at everything once. */
  request(): void {
    const { world, projectId, live } = this.context;
    if (world.viewOnly) return;
    for (const lane of world.store.read.lanes(projectId, { live: true })) {
      live.follow(lane.id);
      this.#lanes.advance(lane.id);
    }
    this.#lanes.advanceAll();
    this.#fleet.request();
    this.#merges.request();
    this.#upkeep.request();
  }

  /** Every few seconds: leases and health. */
  tick(): void {
    if (this.context.world.viewOnly) return;
    this.#upkeep.request();
  }

  /** Merges change the repository several times each; what is shown of it is read once for them all. */
  onRepositoryChange(): void {
    const { world } = this.context;
    this.#repositoryLook ??= world.clock.after(repositoryLookMs, () => {
      this.#repositoryLook = null;
      this.#repositoryLoop.request();
    });
    if (!world.viewOnly) this.#merges.request();
  }

  /** Something may have changed for this lane: its run, the worker, or the stored lane. */
  onLane(laneId: LaneId): void {
    this.context.live.follow(laneId);
    if (!this.context.world.viewOnly) this.#lanes.advance(laneId);
  }

  /** A stored row changed. */
  onChange(change: Change): void {
    if (this.context.world.viewOnly) return;
    switch (change.table) {
      case 'lane':
        this.onLane(change.id as LaneId);
        this.#fleet.request();
        // A merge may wait for the rework that this lane did.
        if (this.context.world.store.read.merges(this.context.projectId, { open: true }).length > 0)
          this.#merges.request();
        break;
      case 'task': {
        this.#fleet.request();
        // A lane may have lost its task by it.
        const lanes = this.context.world.store.read.lanes(this.context.projectId, { live: true });
        for (const lane of lanes) if (lane.taskId === change.id) this.#lanes.advance(lane.id);
        break;
      }
      case 'merge':
        this.#merges.request();
        if (this.#landedBeside(change.id as MergeId)) this.onRepositoryChange();
        break;
      case 'rollback':
        this.#fleet.request();
        this.onRepositoryChange();
        break;
      case 'project':
      case 'fleet':
        this.#fleet.request();
        this.#merges.request();
        break;
      case 'checkpoint':
      case 'setting':
        break;
    }
  }

  /** Resolves when nothing is being done at the moment. */
  async idle(): Promise<void> {
    await Promise.all([
      this.#lanes.idle(),
      this.#fleet.idle(),
      this.#merges.idle(),
      this.#forecast.idle(),
      this.#upkeep.idle(),
      this.#repositoryLoop.idle(),
    ]);
    await this.context.integration.run(() => Promise.resolve());
  }

  dispose(): void {
    this.#repositoryLook?.dispose();
    this.#owned.dispose();
  }

  /** Live lanes, and ended ones in whose worktrees a process may still write: those wait for its end. */
  #lanesInUse(): Set<LaneId> {
    const { world, projectId } = this.context;
    const { read } = world.store;
    const isConnected = world.worker.connection().state === 'connected';
    const inUse = read.lanes(projectId, { recentEnded: recentlyEndedLanes }).filter((lane) => {
      if (lane.stage !== 'ended') return true;
      return !isConnected || runsOfLane(world.worker, lane.id).some((report) => report.state !== 'ended');
    });
    return new Set(inUse.map((lane) => lane.id));
  }

  /** Branches under `gantry/` are not watched, so that what lanes commit costs nothing. */
  #landedBeside(mergeId: MergeId): boolean {
    const merge = this.context.world.store.read.merge(mergeId);
    return merge?.stage === 'landed' && merge.branch !== storedProject(this.context).targetBranch;
  }

  async #keepUp(): Promise<void> {
    await keepLeases(this.context);
    await this.#endStalled();
  }

  /** The worker's watchdog ends stalled runs; this is for a watchdog that fails itself. */
  async #endStalled(): Promise<void> {
    const { world, projectId, live, log } = this.context;
    const { stallMs } = storedProject(this.context);
    const connection = world.worker.connection();
    const lanes = world.store.read.lanes(projectId, { live: true }).filter((lane) => lane.stage === 'working');
    const verdicts = new Map(
      lanes.map((lane) => [
        lane.id,
        laneHealth({
          laneId: lane.id,
          connection: connection.state,
          workerStartingSinceMs: connection.state === 'starting' ? connection.sinceMs : null,
          workerHeardAtMs: world.worker.heardAtMs(),
          report: lane.runId === null ? undefined : world.worker.reports().get(lane.runId),
          asking: waitsForPerson(live.activity(lane.id)),
          stallMs,
          nowMs: world.clock.nowMs(),
        }),
      ]),
    );
    const { end, heldBack } = lanesToEnd(verdicts);
    if (heldBack) log.warn('many lanes look stalled at once, none is ended');
    for (const laneId of end) {
      const runId = world.store.read.lane(laneId)?.runId;
      if (runId) await world.worker.control(runId, 'stop', `No event for ${Math.round(stallMs / 1_000)} s.`);
    }
  }

  async #readSavedWork(): Promise<void> {
    const { repository, savedRefs } = this.context;
    for (const [laneId, { ref }] of await repository.allSavedWork()) savedRefs.set(laneId, ref);
  }

  /** Reads branches and target anew. */
  async readRepository(): Promise<void> {
    const { repository, projectId, feed } = this.context;
    const { targetBranch } = storedProject(this.context);
    this.#facts = { branches: await repository.branches(), target: await repository.targetState(targetBranch) };
    feed.project(projectId);
  }
}
