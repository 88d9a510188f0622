/** Which runs a lane has had, and whether more may come. */
import type { Disposable } from '#shared/base/disposable.ts';
import { DisposableStore } from '#shared/base/disposable.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { LaneId, RunId } from '#shared/model/ids.ts';
import { runRetention } from '../coordinator/decide/run-retention.ts';
import type { Coordinator } from '../coordinator/open-coordinator.ts';
import type { WorkerPort } from '../ports/worker.ts';

export class LaneRuns {
  readonly #coordinator: Pick<Coordinator, 'views' | 'onDidChange'>;
  readonly #worker: WorkerPort;

  constructor(coordinator: Pick<Coordinator, 'views' | 'onDidChange'>, worker: WorkerPort) {
    this.#coordinator = coordinator;
    this.#worker = worker;
  }

  /** The lane's runs that the worker knows, oldest first. */
  of(laneId: LaneId): RunId[] {
    return [...this.#worker.reports().values()]
      .filter((report) => report.laneId === laneId)
      .sort((a, b) => a.startedAtMs - b.startedAtMs)
      .map((report) => report.runId);
  }

  /** The run after `runId` (the first when null); null while there is none. Throws for a lane whose runs were removed. */
  after(laneId: LaneId, runId: RunId | null): RunId | null {
    const runs = runId === null ? this.#known(laneId) : this.of(laneId);
    return (runId === null ? runs[0] : runs[runs.indexOf(runId) + 1]) ?? null;
  }

  /** The run that came last; null while there is none. Throws for a lane whose runs were removed. */
  newest(laneId: LaneId): RunId | null {
    return this.#known(laneId).at(-1) ?? null;
  }

  /** As `of`; throws where the lane had runs that the worker does not know any more. */
  #known(laneId: LaneId): RunId[] {
    const runs = this.of(laneId);
    if (runs.length > 0) return runs;
    const lane = this.#coordinator.views.lane(laneId);
    const isKnowing = this.#worker.connection().state === 'connected';
    if (lane === null || (isKnowing && lane.endedAtMs !== null && lane.startedAtMs !== null)) {
      const days = Math.round(runRetention.ageMsMax / 86_400_000);
      const gibibytes = runRetention.bytesMax / 1024 ** 3;
      throw new GantryError(
        'not-found',
        `What this lane said is not kept any more; its commits are. Events and output stay for ${days} days after a lane has ended, as long as all of them take no more than ${gibibytes} GiB.`,
      );
    }
    return runs;
  }

  /** Whether the lane is over, so that no run can follow. */
  isOver(laneId: LaneId): boolean {
    const lane = this.#coordinator.views.lane(laneId);
    return lane === null || lane.endedAtMs !== null;
  }

  /** Resolves when something of the lane, or the worker, may have changed; or on abort. */
  change(laneId: LaneId, signal: AbortSignal): Promise<void> {
    const owned = new DisposableStore();
    return new Promise<void>((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        owned.dispose();
        resolve();
      };
      owned.add(this.#coordinator.onDidChange((change) => change.lanes.has(laneId) && done()));
      owned.add(this.#worker.onDidChangeConnection(done));
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }

  /** Calls back when a run's report changed. */
  onReport(listener: () => void): Disposable {
    const owned = new DisposableStore();
    owned.add(this.#worker.onDidHeartbeat(listener));
    owned.add(this.#worker.onDidEndRun(listener));
    return owned;
  }
}
