import type { Disposable } from '#shared/base/disposable.ts';
import { Emitter, type Event } from '#shared/base/emitter.ts';
import type { JournalEntry } from '#shared/model/agent-event.ts';
import type { RunReport } from '#shared/contract/worker-protocol.ts';
import type { LaneId, RunId } from '#shared/model/ids.ts';
import type { WorkerPort } from '../../ports/worker.ts';
import { beginRun, type LaneActivity, reduceEntries, silentActivity, waitsForPerson } from '../decide/lane-activity.ts';

/** Activities of this many lanes that are over are kept for the screens. */
export const endedActivitiesMax = 500;

interface Followed {
  activity: LaneActivity;
  /** Runs whose journals are still to be read, in the order in which they began. */
  readonly runs: RunId[];
  /** The entry up to which each run was read. */
  readonly readTo: Map<RunId, number>;
  subscription: Disposable | null;
}

/**
 * Follows the journals of the lanes that are live and keeps for each what it is doing. After a
 * restart all runs of a lane are read again, oldest first, so that usage and session are whole.
 */
export class LaneLive implements Disposable {
  readonly #worker: WorkerPort;
  readonly #lanes = new Map<LaneId, Followed>();
  readonly #ended = new Set<LaneId>();
  readonly #dirty = new Emitter<LaneId>();
  readonly #waiting = new Emitter<LaneId>();
  readonly #read = new Emitter<RunId>();
  #eventsTotal = 0;

  /** A lane did something. Fires for every batch of its events. */
  readonly onDidAct: Event<LaneId> = this.#dirty.event;

  /** A lane began or ceased to wait for the person. */
  readonly onDidChangeWaiting: Event<LaneId> = this.#waiting.event;

  constructor(worker: WorkerPort) {
    this.#worker = worker;
  }

  /** How many events were taken in since the start. */
  get eventsTotal(): number {
    return this.#eventsTotal;
  }

  activity(laneId: LaneId): LaneActivity {
    return this.#lanes.get(laneId)?.activity ?? silentActivity;
  }

  /** Follows all runs that the worker knows of a lane; new ones are added when this is called again. */
  follow(laneId: LaneId): void {
    if (this.#ended.has(laneId)) return;
    const runs = runsOfLane(this.#worker, laneId);
    // A lane that never runs is never ended here either: nothing must be kept for it.
    if (runs.length === 0) return;
    const followed = this.#lanes.get(laneId) ?? {
      activity: silentActivity,
      runs: [],
      readTo: new Map<RunId, number>(),
      subscription: null,
    };
    this.#lanes.set(laneId, followed);
    for (const report of runs) {
      if (!followed.runs.includes(report.runId)) followed.runs.push(report.runId);
    }
    this.#advance(laneId, followed);
  }

  /** The lane is over: what it did stays known for a while, nothing more is read. */
  end(laneId: LaneId): void {
    const followed = this.#lanes.get(laneId);
    if (!followed || this.#ended.has(laneId)) return;
    followed.subscription?.dispose();
    followed.subscription = null;
    this.#ended.add(laneId);
    for (const oldest of this.#ended) {
      if (this.#ended.size <= endedActivitiesMax) break;
      this.#ended.delete(oldest);
      this.#lanes.delete(oldest);
    }
  }

  /** Resolves when the journal of an ended run was read to its end, or after `waitMs`. */
  async caughtUp(report: RunReport, wait: (done: () => void) => Disposable): Promise<void> {
    this.follow(report.laneId);
    await new Promise<void>((resolve) => {
      const isRead = (): boolean =>
        this.#ended.has(report.laneId) ||
        (this.#lanes.get(report.laneId)?.readTo.get(report.runId) ?? 0) >= report.lastSeq;
      if (isRead()) {
        resolve();
        return;
      }
      const finish = (): void => {
        subscription.dispose();
        timer.dispose();
        resolve();
      };
      const subscription = this.#read.event((runId) => {
        if (runId === report.runId && isRead()) finish();
      });
      const timer = wait(finish);
    });
  }

  dispose(): void {
    for (const followed of this.#lanes.values()) followed.subscription?.dispose();
    this.#lanes.clear();
    this.#dirty.dispose();
    this.#waiting.dispose();
    this.#read.dispose();
  }

  /** Goes over to the next run once the current one was read to its end. */
  #advance(laneId: LaneId, followed: Followed): void {
    const current = followed.activity.runId;
    if (current !== null && !this.#isRead(followed, current)) return;
    const next = followed.runs.find((runId) => !followed.readTo.has(runId));
    if (next === undefined) return;
    followed.subscription?.dispose();
    followed.activity = beginRun(followed.activity, next);
    followed.readTo.set(next, 0);
    followed.subscription = this.#worker.follow(next, 0, (entries) => this.#take(laneId, next, entries));
  }

  #isRead(followed: Followed, runId: RunId): boolean {
    const report = this.#worker.reports().get(runId);
    if (report === undefined) return true;
    return report.state === 'ended' && (followed.readTo.get(runId) ?? 0) >= report.lastSeq;
  }

  #take(laneId: LaneId, runId: RunId, entries: readonly JournalEntry[]): void {
    const followed = this.#lanes.get(laneId);
    const last = entries.at(-1);
    if (!followed || followed.activity.runId !== runId || !last) return;
    const wasWaiting = waitsForPerson(followed.activity);
    followed.activity = reduceEntries(followed.activity, entries);
    followed.readTo.set(runId, last.seq);
    this.#eventsTotal += entries.length;
    this.#read.fire(runId);
    this.#dirty.fire(laneId);
    if (waitsForPerson(followed.activity) !== wasWaiting) this.#waiting.fire(laneId);
    this.#advance(laneId, followed);
  }
}

/** What the worker knows of a lane's runs, the first run first. */
export function runsOfLane(worker: WorkerPort, laneId: LaneId): RunReport[] {
  return [...worker.reports().values()]
    .filter((report) => report.laneId === laneId)
    .sort((a, b) => a.startedAtMs - b.startedAtMs);
}
