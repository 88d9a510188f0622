/**
 * Lanes that live at the pace of real ones, without agents: each event, heartbeat and step of
 * the lane's life arrives when and as often as the coordinator would announce it.
 */
import { SeededRandom } from '../../src-main/simulator/seeded-random.ts';
import { assertDefined } from '../../src-shared/base/assert.ts';
import type { Disposable } from '../../src-shared/base/disposable.ts';
import { Emitter, type Event } from '../../src-shared/base/emitter.ts';
import type { LaneStatus, LaneView } from '../../src-shared/contract/views.ts';
import type { ProjectId } from '../../src-shared/model/ids.ts';
import { busyLane, steps } from './busy-lane.ts';

/** The coordinator announces changes in batches of this length. */
const batchMs = 25;
/** Between two events of an agent that works, on average: words, tool calls, tokens. */
const eventMsMean = 500;
/** The worker says once a second what each run uses; the coordinator goes over all lanes every five. */
const heartbeatMs = 1_000;
const fullPassMs = 5_000;
const activityBucketMs = 12_500;
/** From the first event of a task to its merge, on average. */
const taskMsMean = 8 * 60_000;
/** How long gates and landing take, on average. */
const gatesMsMean = 40_000;
const landingMs = 700;

/** How the lanes stand at the beginning; the rest runs. */
const others: readonly (readonly [status: LaneStatus, share: number])[] = [
  ['waiting', 0.02],
  ['failed', 0.01],
  ['stale', 0.005],
  ['paused', 0.015],
  ['gating', 0.07],
];

/** See the file's comment. `lanes` are live at any time: for each that lands a new one begins. */
export class BusyFleet implements Disposable {
  readonly #projectId: ProjectId;
  readonly #random: SeededRandom;
  readonly #lanes = new Map<string, LaneView>();
  readonly #changed = new Emitter<readonly LaneView[]>();
  readonly #timers: NodeJS.Timeout[];
  #numberLast = 0;
  #merged = 0;
  #events = 0;

  /** Fires for every batch of changes. */
  readonly onDidChange: Event<readonly LaneView[]> = this.#changed.event;

  constructor(projectId: ProjectId, lanes: number, seed: number) {
    this.#projectId = projectId;
    this.#random = new SeededRandom(seed);
    while (this.#lanes.size < lanes) this.#begin(this.#drawStatus());
    this.#timers = [
      setInterval(() => this.#live(), batchMs),
      setInterval(() => this.#beat(), heartbeatMs),
      setInterval(() => this.#changed.fire([...this.#lanes.values()].filter(isLive)), fullPassMs),
      setInterval(() => this.#shiftActivity(), activityBucketMs),
    ];
  }

  /** All lanes, also those that have landed. */
  get lanes(): readonly LaneView[] {
    return [...this.#lanes.values()];
  }

  /** How many lanes have landed since the beginning. */
  get merged(): number {
    return this.#merged;
  }

  /** Events of agents since the beginning. */
  get events(): number {
    return this.#events;
  }

  dispose(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#changed.dispose();
  }

  #drawStatus(): LaneStatus {
    let rest = this.#random.fraction();
    return others.find(([, share]) => (rest -= share) < 0)?.[0] ?? 'running';
  }

  #begin(status: LaneStatus): LaneView {
    this.#numberLast += 1;
    const lane = busyLane(this.#projectId, this.#numberLast, status, Date.now(), this.#random);
    this.#lanes.set(lane.id, lane);
    return lane;
  }

  /** What happens within one batch. */
  #live(): void {
    const changed = new Map<string, LaneView>();
    const change = (lane: LaneView, to: Partial<LaneView>): void => {
      const next = { ...(changed.get(lane.id) ?? lane), ...to };
      this.#lanes.set(lane.id, next);
      changed.set(lane.id, next);
    };
    for (const lane of this.#lanes.values()) {
      if (lane.status === 'running' && this.#happens(eventMsMean)) change(lane, this.#event(lane));
      if (lane.status === 'running' && this.#happens(taskMsMean))
        change(lane, { status: 'gating', step: 'Gate: tests', gatesPassed: 0, gatesTotal: 3 });
      else if (lane.status === 'gating' && this.#happens(gatesMsMean))
        change(lane, { status: 'landing', step: 'Landing on main', gatesPassed: 3 });
      else if (lane.status === 'landing' && this.#happens(landingMs)) {
        const { can } = lane;
        const over = { ...can, pause: false, interrupt: false, stop: false, message: false, handOver: false };
        change(lane, { status: 'merged', step: 'Merged', endedAtMs: Date.now(), end: { kind: 'merged' }, can: over });
        this.#merged += 1;
        const next = this.#begin('running');
        changed.set(next.id, next);
      }
    }
    if (changed.size > 0) this.#changed.fire([...changed.values()]);
  }

  /** Most events are words; every fifth is a new step, and some have written lines. */
  #event(lane: LaneView): Partial<LaneView> {
    this.#events += 1;
    const newest = lane.activity.length - 1;
    const activity = lane.activity.map((events, at) => (at === newest ? events + 1 : events));
    const seen = { activity, lastEventAtMs: Date.now() };
    if (!this.#random.chance(0.2)) return seen;
    const { files, added, removed } = assertDefined(lane.changes, 'a lane that runs has counted changes');
    const usage = assertDefined(lane.usage, 'a lane that runs has used tokens');
    return {
      ...seen,
      step: this.#random.pick(steps),
      usage: { ...usage, inputTokens: usage.inputTokens + this.#random.below(4_000) },
      changes: { files, added: added + this.#random.below(12), removed: removed + this.#random.below(4) },
    };
  }

  #beat(): void {
    const beaten = this.lanes.filter(isLive).map((lane) => {
      const next = {
        ...lane,
        cpuPercent: this.#random.below(1_000) / 10,
        memoryBytes: (300 + this.#random.below(200)) * 1_048_576,
      };
      this.#lanes.set(lane.id, next);
      return next;
    });
    this.#changed.fire(beaten);
  }

  #shiftActivity(): void {
    for (const lane of this.lanes.filter(isLive))
      this.#lanes.set(lane.id, { ...lane, activity: [...lane.activity.slice(1), 0] });
  }

  /** Whether something that happens once in `meanMs` happens in this batch. */
  #happens(meanMs: number): boolean {
    return this.#random.chance(batchMs / meanMs);
  }
}

function isLive({ status }: LaneView): boolean {
  return status !== 'merged';
}
