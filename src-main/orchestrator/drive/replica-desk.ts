/** What is asked of single replicas: their logs, a terminal in one of them, and what they use over time. */
import type { Disposable } from '#shared/base/disposable.ts';
import { Emitter } from '#shared/base/emitter.ts';
import { RingBuffer } from '#shared/base/ring-buffer.ts';
import type { InputOf, ItemOf, OutputOf, ParsedInputOf } from '#shared/contract/contract.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ContainerHistory } from '#shared/contract/service-views.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import type { ContainerFacts, ContainerStats, ExecSession } from '../../ports/engine.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import type { ReplicaRequests } from '../orchestrator.ts';
import type { ObservedHost } from './host-fleet.ts';
import { mergedLogs } from './merged-logs.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';
import { valueOrThrow } from './value-or-throw.ts';

const sampleMs = 2_000;
const samplesMax = 120;
const execsMax = 20;
/** A command whose output nobody came to read is ended. */
const unreadMs = 30_000;
/** Tried in this order where no command is given. */
const shells: readonly (readonly string[])[] = [['/bin/bash'], ['/bin/sh'], ['/bin/ash'], ['/busybox/sh']];

type Sample = ContainerHistory['samples'][number];

interface OpenExec {
  readonly session: ExecSession;
  isRead: boolean;
}

export class ReplicaDesk implements ReplicaRequests {
  readonly #core: OrchestratorCore;
  readonly #execs = new Map<string, OpenExec>();

  constructor(core: OrchestratorCore) {
    this.#core = core;
  }

  logs(input: ParsedInputOf<'service.logs'>, signal: AbortSignal): AsyncIterable<readonly ItemOf<'service.logs'>[]> {
    return mergedLogs(this.#core, input, signal);
  }

  /** Starts a command in a replica. Its output is to be read with `execOutput` soon. */
  async openExec({
    serviceId,
    containerId,
    command,
    columns,
    rows,
    isTerminal,
  }: ParsedInputOf<'exec.open'>): Promise<OutputOf<'exec.open'>> {
    if (this.#execs.size >= execsMax) {
      throw new GantryError('limit-reached', `${execsMax} terminals are open. Close one first.`);
    }
    const { host, facts } = this.#replica(serviceId, containerId);
    if (facts.state !== 'running')
      throw new GantryError('wrong-state', `${facts.name} does not run, so nothing can be run in it.`);
    const chosen = command ?? (await this.#shell(host, containerId, facts.name));
    const session = valueOrThrow(await host.engine.exec(containerId, chosen, isTerminal ? { columns, rows } : null));
    const execId = `exec-${this.#core.world.random.id(16)}`;
    const open = { session, isRead: false };
    this.#execs.set(execId, open);
    this.#core.world.clock.after(unreadMs, () => {
      if (!open.isRead) this.#end(execId);
    });
    return { execId, command: [...chosen] };
  }

  /** The output, then its exit code. The command ends with its reader. */
  async *execOutput(execId: string, signal: AbortSignal): AsyncIterable<readonly ItemOf<'exec.output'>[]> {
    const open = this.#execs.get(execId);
    if (open === undefined || open.isRead) {
      throw new GantryError(
        'not-found',
        'This terminal has ended: its command ended, or its connection was lost. Open another one.',
      );
    }
    open.isRead = true;
    const { session } = open;
    const onAbort = (): void => this.#end(execId);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for await (const bytes of session.output) {
        if (signal.aborted) return;
        yield [{ bytes: Buffer.from(bytes).toString('base64') }];
      }
      yield [await session.exit];
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#end(execId);
    }
  }

  async execInput(execId: string, bytes: Uint8Array): Promise<void> {
    await this.#exec(execId).write(bytes);
  }

  async resizeExec({ execId, columns, rows }: InputOf<'exec.resize'>): Promise<void> {
    await this.#exec(execId).resize(columns, rows);
  }

  async closeExec(execId: string): Promise<void> {
    this.#end(execId);
  }

  sampleStats(serviceId: ServiceId): ReturnType<ReplicaRequests['sampleStats']> {
    const { clock, log } = this.#core.world;
    const emitter = new Emitter<null>();
    const histories = new Map<string, { name: string; samples: RingBuffer<Sample>; last: ContainerStats }>();
    let isBusy = false;
    const sample = async (): Promise<void> => {
      if (isBusy) return;
      isBusy = true;
      try {
        for (const host of this.#core.fleet.all()) {
          const names = new Map(
            [...host.containers.values()]
              .filter((each) => each.labels[serviceLabel.service] === serviceId && each.state === 'running')
              .map((each) => [each.id, each.name]),
          );
          if (!host.isReady || names.size === 0) continue;
          const stats = await host.engine.stats([...names.keys()]);
          if (!stats.ok) continue;
          for (const now of stats.value) take(now, names.get(now.containerId) ?? now.containerId);
        }
        emitter.fire(null);
      } finally {
        isBusy = false;
      }
    };
    const take = (now: ContainerStats, name: string): void => {
      const known = histories.get(now.containerId);
      const seconds = known === undefined ? 0 : (now.atMs - known.last.atMs) / 1_000;
      const rate = (after: number, before: number | undefined): number | null =>
        before === undefined || seconds <= 0 || after < before ? null : (after - before) / seconds;
      const samples = known?.samples ?? new RingBuffer<Sample>(samplesMax);
      samples.push({
        atMs: now.atMs,
        cpuPercent: now.cpuPercent,
        memoryBytes: now.memoryBytes,
        receivedBytesPerSecond: rate(now.receivedBytes, known?.last.receivedBytes),
        sentBytesPerSecond: rate(now.sentBytes, known?.last.sentBytes),
      });
      histories.set(now.containerId, { name, samples, last: now });
    };
    const run = (): void => {
      sample().catch((error: unknown) =>
        log.warn('statistics could not be sampled', { serviceId, error: String(error) }),
      );
    };
    run();
    const timer: Disposable = clock.every(sampleMs, run);
    return {
      history: () =>
        [...histories].map(([containerId, { name, samples }]) => ({ containerId, name, samples: samples.toArray() })),
      onDidSample: emitter.event,
      dispose: () => {
        timer.dispose();
        emitter.dispose();
      },
    };
  }

  async #shell(host: ObservedHost, containerId: string, name: string): Promise<readonly string[]> {
    for (const shell of shells) {
      const tried = await host.engine.run(containerId, [...shell, '-c', 'exit 0']);
      if (tried.ok && tried.value.exitCode === 0) return shell;
    }
    throw new GantryError(
      'engine-refused',
      `${name} has no shell that Gantry knows. Give a command that its image has.`,
    );
  }

  #replica(serviceId: ServiceId, containerId: string): { host: ObservedHost; facts: ContainerFacts } {
    const found = this.#core.fleet.find(containerId);
    if (found === null || found.facts.labels[serviceLabel.service] !== serviceId) {
      throw new GantryError('not-found', 'This replica is gone. Choose another one.');
    }
    return found;
  }

  #exec(execId: string): ExecSession {
    const open = this.#execs.get(execId);
    if (open === undefined) throw new GantryError('not-found', 'This terminal has ended. Open another one.');
    return open.session;
  }

  #end(execId: string): void {
    this.#execs.get(execId)?.session.dispose();
    this.#execs.delete(execId);
  }
}
