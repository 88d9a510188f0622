/** How the host itself fares: CPU, memory, events a second, disk. Sampled once a second. */
import { totalmem } from 'node:os';
import type { HostView } from '#shared/contract/views.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import { gantryVersion } from '#shared/contract/version.ts';
import type { Disposable } from '#shared/base/disposable.ts';
import { Emitter } from '#shared/base/emitter.ts';
import type { Clock } from '../ports/clock.ts';
import type { WorkerPort } from '../ports/worker.ts';
import { freeDisk } from './machine.ts';

/** Below this the panel warns: a worktree and a log still fit, a build may not. */
const diskLowBytes = 1024 * 1024 * 1024;

export class HostVitals implements Disposable {
  readonly onDidChange: Emitter<void>['event'];
  readonly #changed = new Emitter<void>();
  readonly #options: {
    kind: HostView['kind'];
    dataFolder: string;
    clock: Clock;
    worker: WorkerPort;
    eventCount: () => number;
  };
  readonly #startedAtMs: number;
  readonly #timer: Disposable;
  #cpu = process.cpuUsage();
  #sampledAtMs: number;
  #events = 0;
  #cpuPercent = 0;
  #eventsPerSecond = 0;
  #disk: HostView['disk'] = null;
  #asked: HostView['asked'] = null;

  constructor(options: {
    kind: HostView['kind'];
    dataFolder: string;
    clock: Clock;
    worker: WorkerPort;
    /** Agent events seen since the start. */
    eventCount: () => number;
  }) {
    this.#options = options;
    this.onDidChange = this.#changed.event;
    this.#startedAtMs = options.clock.nowMs();
    this.#sampledAtMs = options.clock.monotonicMs();
    this.#timer = options.clock.every(1_000, () => void this.#sample());
    void this.#sample();
  }

  view(): HostView {
    const { kind, dataFolder, clock, worker } = this.#options;
    const connection = worker.connection();
    return {
      version: gantryVersion,
      kind,
      dataFolder,
      startedAtMs: this.#startedAtMs,
      nowMs: clock.nowMs(),
      eventsPerSecond: this.#eventsPerSecond,
      cpuPercent: this.#cpuPercent,
      memoryBytes: process.memoryUsage.rss(),
      memoryTotalBytes: totalmem(),
      worker:
        connection.state === 'connected'
          ? {
              state: 'connected',
              pid: connection.pid,
              runs: [...worker.reports().values()].filter((report) => report.state !== 'ended').length,
            }
          : connection,
      disk: this.#disk,
      asked: this.#asked,
    };
  }

  /** A start of the app asked to see this project. */
  ask(projectId: ProjectId): void {
    this.#asked = { projectId, atMs: this.#options.clock.nowMs() };
    this.#changed.fire();
  }

  dispose(): void {
    this.#timer.dispose();
    this.#changed.dispose();
  }

  async #sample(): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    const elapsedMs = Math.max(1, nowMs - this.#sampledAtMs);
    const used = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    this.#sampledAtMs = nowMs;
    this.#cpuPercent = Math.round((used.user + used.system) / 10 / elapsedMs);
    const events = this.#options.eventCount();
    this.#eventsPerSecond = Math.round(((events - this.#events) * 1_000) / elapsedMs);
    this.#events = events;
    const disk = await freeDisk(this.#options.dataFolder);
    this.#disk = disk === null ? null : { freeBytes: disk.freeBytes, low: disk.freeBytes < diskLowBytes };
    this.#changed.fire();
  }
}
