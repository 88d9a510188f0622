import type { Disposable } from '#shared/base/disposable.ts';
import { Emitter, type Event } from '#shared/base/emitter.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import type { Clock } from '../../ports/clock.ts';

/** What may look different now. Readers fetch the views of what they show. */
export interface ServiceChange {
  readonly services: ReadonlySet<ServiceId>;
  /** Projects of which secrets, configs, volumes or previews changed. */
  readonly resources: ReadonlySet<ProjectId>;
  readonly hosts: boolean;
  readonly progress: boolean;
  readonly loads: boolean;
  readonly events: boolean;
}

const delayMs = 50;

/** Collects what changed and announces it in batches. */
export class ServiceFeed implements Disposable {
  readonly #clock: Clock;
  readonly #emitter = new Emitter<ServiceChange>();
  #services = new Set<ServiceId>();
  #resources = new Set<ProjectId>();
  #flags = { hosts: false, progress: false, loads: false, events: false };
  #timer: Disposable | null = null;

  readonly onDidChange: Event<ServiceChange> = this.#emitter.event;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  service(id: ServiceId): void {
    this.#services.add(id);
    this.#schedule();
  }

  resourcesOf(projectId: ProjectId): void {
    this.#resources.add(projectId);
    this.#schedule();
  }

  note(what: 'hosts' | 'progress' | 'loads' | 'events'): void {
    this.#flags[what] = true;
    this.#schedule();
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#emitter.dispose();
  }

  #schedule(): void {
    this.#timer ??= this.#clock.after(delayMs, () => this.#flush());
  }

  #flush(): void {
    this.#timer = null;
    const change = { services: this.#services, resources: this.#resources, ...this.#flags };
    this.#services = new Set();
    this.#resources = new Set();
    this.#flags = { hosts: false, progress: false, loads: false, events: false };
    this.#emitter.fire(change);
  }
}
