import { type Disposable, DisposableStore } from '#shared/base/disposable.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { RunReport } from '#shared/contract/worker-protocol.ts';
import type { LaneId, MergeId, ProjectId, RunId } from '#shared/model/ids.ts';
import type { ChangeSet } from '../../state/control-store.ts';
import { runsToForget } from '../decide/run-retention.ts';
import { ChangeFeed } from './change-feed.ts';
import { LaneLive } from './lane-live.ts';
import { type FailureStreak, Loop } from '../../reactor/loop.ts';
import { PortRanges } from './port-ranges.ts';
import { ProjectDriver } from './project-driver.ts';
import type { RefusedWrites } from './refused-writes.ts';
import type { World } from './world.ts';

const tickMs = 2_000;
const fullPassMs = 5_000;
const reopenMs = 15_000;
const restartMsMin = 1_000;
/** Ended lanes of a project that are shown; of those before them the worker keeps nothing. */
export const endedLanesShownMax = 500;

/** A project that cannot be driven at the moment, and why. */
export interface Unavailable {
  readonly because: string;
  readonly sinceMs: number;
}

/**
 * Owns the drivers of all projects and hands them what happens: changes of the stored state,
 * what the worker says, and time. Everything it does is derived from the stored state, so a
 * new one on the same store goes on where the last one was, however that ended.
 */
export class CoordinatorCore implements Disposable {
  readonly world: World;
  readonly feed: ChangeFeed;
  readonly live: LaneLive;
  readonly writes: RefusedWrites;
  readonly #ports: PortRanges;
  readonly #drivers = new Map<ProjectId, ProjectDriver>();
  readonly #unavailable = new Map<ProjectId, Unavailable>();
  readonly #owned = new DisposableStore();
  readonly #projects: Loop;
  readonly #orphans: Loop;
  /** What each run used at the last heartbeat that was announced. */
  readonly #usage = new Map<RunId, string>();
  #restart: Disposable | null = null;
  #restartMs = restartMsMin;
  /** The state was read as it was committed when this program began. */
  #isCurrent = false;
  #disposed = false;

  constructor(world: World, writes: RefusedWrites) {
    this.world = world;
    this.writes = writes;
    this.feed = this.#owned.add(new ChangeFeed(world.clock));
    this.live = this.#owned.add(new LaneLive(world.worker));
    this.#ports = new PortRanges(world.ports);
    const onFailure =
      (what: string) =>
      (error: unknown, { failures, isNews }: FailureStreak): void => {
        if (isNews) world.log.warn(what, { failures, error: String(error) });
      };
    this.#projects = this.#owned.add(
      new Loop({
        clock: world.clock,
        pass: () => this.#openProjects(),
        onFailure: onFailure('projects could not be opened'),
      }),
    );
    this.#orphans = this.#owned.add(
      new Loop({ clock: world.clock, pass: () => this.#tidyRuns(), onFailure: onFailure('runs could not be tidied') }),
    );
  }

  /** Opens the projects and goes to work; while the control plane cannot be read, it tries again by itself. */
  async start(): Promise<void> {
    const { store, worker, clock } = this.world;
    this.#owned.add(store.onDidChange((set) => this.#onChange(set)));
    this.#owned.add(worker.onDidEndRun((report) => this.#onLane(report.laneId)));
    this.#owned.add(
      worker.onDidHeartbeat((reports) => {
        for (const report of reports) if (this.#usesOtherThanBefore(report)) this.feed.lane(report.laneId);
      }),
    );
    this.#owned.add(
      worker.onDidChangeConnection(() => {
        for (const driver of this.#drivers.values()) driver.request();
        this.#orphans.request();
        this.#announceLiveLanes();
      }),
    );
    this.#owned.add(this.live.onDidAct((laneId) => this.feed.lane(laneId)));
    this.#owned.add(this.live.onDidChangeWaiting((laneId) => this.#announceWaiting(laneId)));
    this.#owned.add(this.writes.onDidChange(() => this.#announceProjects()));
    this.#owned.add(clock.every(tickMs, () => this.#tick()));
    this.#owned.add(clock.every(fullPassMs, () => this.#fullPass()));
    this.#owned.add(clock.every(reopenMs, () => this.#projects.request()));
    this.#projects.request();
    await this.#projects.idle();
    this.#orphans.request();
  }

  driver(projectId: ProjectId): ProjectDriver | null {
    return this.#drivers.get(projectId) ?? null;
  }

  unavailable(projectId: ProjectId): Unavailable | null {
    return this.#unavailable.get(projectId) ?? null;
  }

  /** The project's driver; throws what keeps it from being used. */
  usable(projectId: ProjectId): ProjectDriver {
    const driver = this.#drivers.get(projectId);
    if (driver) return driver;
    const because = this.#unavailable.get(projectId)?.because;
    if (because !== undefined) throw new GantryError('unavailable', because, { retryable: true });
    throw new GantryError('not-found', `The project ${projectId} is not open.`);
  }

  /** Looks for projects that came or went, and waits until they are driven. */
  async refreshProjects(): Promise<void> {
    this.#projects.request();
    await this.#projects.idle();
  }

  /** Resolves when nothing is being done at the moment. For tests and for an orderly end. */
  async idle(): Promise<void> {
    await this.#projects.idle();
    await Promise.all([...this.#drivers.values()].map((driver) => driver.idle()));
    await this.#orphans.idle();
  }

  dispose(): void {
    this.#disposed = true;
    this.#restart?.dispose();
    for (const driver of this.#drivers.values()) driver.dispose();
    this.#owned.dispose();
  }

  async #openProjects(): Promise<void> {
    const { store, git, clock, log } = this.world;
    if (!this.#isCurrent) {
      // Acting on a state that lags behind what was committed could end a lane that lives.
      await store.barrier();
      this.#isCurrent = true;
    }
    const stored = store.read.projects();
    const ids = new Set(stored.map((project) => project.id));
    for (const [projectId, driver] of this.#drivers) {
      if (ids.has(projectId)) continue;
      driver.dispose();
      this.#drivers.delete(projectId);
      this.feed.project(projectId);
      // Opened again at once, it would have two drivers whose last and first steps overlap.
      await driver.idle();
    }
    for (const projectId of this.#unavailable.keys()) if (!ids.has(projectId)) this.#unavailable.delete(projectId);
    for (const project of stored) {
      if (this.#drivers.has(project.id) || this.#disposed) continue;
      const opened = await git.open(project.path);
      if (!opened.ok) {
        const sinceMs = this.#unavailable.get(project.id)?.sinceMs ?? clock.nowMs();
        this.#unavailable.set(project.id, { because: opened.error.message, sinceMs });
        this.feed.project(project.id);
        continue;
      }
      const { world, live, feed } = this;
      const repository = opened.value;
      const driver = new ProjectDriver({ world, projectId: project.id, repository, live, feed, ports: this.#ports });
      try {
        await driver.start();
      } catch (error) {
        driver.dispose();
        const because = error instanceof Error ? error.message : String(error);
        const before = this.#unavailable.get(project.id);
        if (before?.because !== because) {
          log.warn('project could not be started', { projectId: project.id, error: because });
        }
        this.#unavailable.set(project.id, { because, sinceMs: before?.sinceMs ?? clock.nowMs() });
        this.feed.project(project.id);
        this.#restart?.dispose();
        this.#restart = clock.after(this.#restartMs, () => this.#projects.request());
        this.#restartMs = Math.min(reopenMs, this.#restartMs * 2);
        continue;
      }
      if (this.#disposed) {
        driver.dispose();
        // Whoever ends the program waits for this, and then takes the store away.
        await driver.idle();
        return;
      }
      this.#drivers.set(project.id, driver);
      this.#unavailable.delete(project.id);
      this.#restartMs = restartMsMin;
      this.feed.project(project.id);
      // What changed while it started was not handed to it.
      driver.request();
    }
  }

  #onChange(set: ChangeSet): void {
    const { read } = this.world.store;
    for (const change of set.changes) {
      const { projectId } = change;
      if (projectId === null) continue;
      this.#drivers.get(projectId)?.onChange(change);
      this.feed.project(projectId);
      switch (change.table) {
        case 'lane':
          this.feed.lane(change.id as LaneId);
          this.feed.tasksOf(projectId);
          if (read.lane(change.id as LaneId)?.stage === 'ended') this.#orphans.request();
          break;
        case 'task':
        case 'fleet':
          this.feed.tasksOf(projectId);
          break;
        case 'merge': {
          const merge = read.merge(change.id as MergeId);
          if (merge) this.feed.lane(merge.laneId);
          this.feed.tasksOf(projectId);
          break;
        }
        case 'checkpoint':
        case 'rollback':
          this.feed.timelineOf(projectId);
          break;
        case 'project':
          this.#projects.request();
          for (const lane of read.lanes(projectId, { live: true })) this.feed.lane(lane.id);
          break;
        case 'setting':
          break;
      }
    }
  }

  #onLane(laneId: LaneId): void {
    const lane = this.world.store.read.lane(laneId);
    if (!lane) return;
    this.#drivers.get(lane.projectId)?.onLane(laneId);
    this.feed.lane(laneId);
  }

  #tick(): void {
    for (const driver of this.#drivers.values()) driver.tick();
  }

  #fullPass(): void {
    for (const driver of this.#drivers.values()) driver.request();
    this.#orphans.request();
    this.#announceLiveLanes();
  }

  /** Whether people could see a difference in what the run uses. */
  #usesOtherThanBefore(report: RunReport): boolean {
    const mebibytes = Math.round((report.memoryBytes ?? 0) / 1_048_576);
    const usage = `${report.state} ${Math.round(report.cpuPercent ?? 0)} ${mebibytes}`;
    if (this.#usage.get(report.runId) === usage) return false;
    this.#usage.set(report.runId, usage);
    return true;
  }

  /** Who waits for the person is counted and shown beyond the lane's own row. */
  #announceWaiting(laneId: LaneId): void {
    const lane = this.world.store.read.lane(laneId);
    if (!lane) return;
    this.feed.project(lane.projectId);
    this.feed.tasksOf(lane.projectId);
  }

  #announceProjects(): void {
    for (const project of this.world.store.read.projects()) this.feed.project(project.id);
  }

  #announceLiveLanes(): void {
    const { read } = this.world.store;
    for (const project of read.projects()) {
      this.feed.project(project.id);
      for (const lane of read.lanes(project.id, { live: true })) this.feed.lane(lane.id);
    }
  }

  /** Ends runs that belong to no live lane any more, and lets the worker forget those out of sight. */
  async #tidyRuns(): Promise<void> {
    const { store, worker, clock, viewOnly } = this.world;
    if (viewOnly || worker.connection().state !== 'connected') return;
    for (const runId of this.#usage.keys()) if (!worker.reports().has(runId)) this.#usage.delete(runId);
    const suspects = [...worker.reports().values()].filter((report) => !this.#isWanted(report));
    if (suspects.length === 0) return;
    // A read that lags must not end what was started meanwhile.
    await store.barrier();
    const shown = new Set(
      store.read
        .projects()
        .flatMap((project) => store.read.lanes(project.id, { recentEnded: endedLanesShownMax }))
        .map((lane) => lane.id),
    );
    const unwanted = suspects.filter((report) => !this.#isWanted(report));
    for (const report of unwanted) {
      if (report.state !== 'ended') await worker.control(report.runId, 'stop', 'Its lane has ended.');
    }
    const ended = unwanted.filter((report) => report.state === 'ended');
    const forgotten = runsToForget(ended, shown, clock.nowMs());
    if (forgotten.length > 0) await worker.forget(forgotten);
  }

  #isWanted(report: RunReport): boolean {
    const lane = this.world.store.read.lane(report.laneId);
    if (!lane || lane.stage === 'ended') return false;
    return report.state === 'ended' || lane.runId === report.runId;
  }
}
