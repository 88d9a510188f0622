import type { Disposable } from '#shared/base/disposable.ts';
import { Emitter, type Event } from '#shared/base/emitter.ts';
import type { LaneId, ProjectId } from '#shared/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';

/** What may look different now. Readers fetch the views of what they show. */
export interface CoordinatorChange {
  /** Projects whose view changed, or that came or went. */
  readonly projects: ReadonlySet<ProjectId>;
  /** Lanes whose row changed, or that came or went. */
  readonly lanes: ReadonlySet<LaneId>;
  /** Projects of which task cards changed; one task's state shows in others too. */
  readonly tasks: ReadonlySet<ProjectId>;
  /** Projects of which checkpoints or rollbacks changed. */
  readonly timelines: ReadonlySet<ProjectId>;
}

/** Changes are collected for this long before they are announced together. */
export const changeFeedDelayMs = 25;

/** Collects what changed and announces it in batches. */
export class ChangeFeed implements Disposable {
  readonly #clock: Clock;
  readonly #emitter = new Emitter<CoordinatorChange>();
  #projects = new Set<ProjectId>();
  #lanes = new Set<LaneId>();
  #tasks = new Set<ProjectId>();
  #timelines = new Set<ProjectId>();
  #timer: Disposable | null = null;

  readonly onDidChange: Event<CoordinatorChange> = this.#emitter.event;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  project(id: ProjectId): void {
    this.#projects.add(id);
    this.#schedule();
  }

  lane(id: LaneId): void {
    this.#lanes.add(id);
    this.#schedule();
  }

  tasksOf(id: ProjectId): void {
    this.#tasks.add(id);
    this.#schedule();
  }

  timelineOf(id: ProjectId): void {
    this.#timelines.add(id);
    this.#schedule();
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#emitter.dispose();
  }

  #schedule(): void {
    this.#timer ??= this.#clock.after(changeFeedDelayMs, () => this.#flush());
  }

  #flush(): void {
    this.#timer = null;
    const change = { projects: this.#projects, lanes: this.#lanes, tasks: this.#tasks, timelines: this.#timelines };
    this.#projects = new Set();
    this.#lanes = new Set();
    this.#tasks = new Set();
    this.#timelines = new Set();
    this.#emitter.fire(change);
  }
}
