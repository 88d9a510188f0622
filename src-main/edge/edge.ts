/**
 * One edge: its container, the session with its master process, and what is known of its counters.
 * Keeps nothing that it could not read again: after a restart of the app it goes on from what runs.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import { ok } from '#shared/base/result.ts';
import type { EdgeFacts, EdgeSpec } from '../ports/edge.ts';
import type { ContainerFacts, EngineResult } from '../ports/engine.ts';
import { problemOfSpec } from './check-edge-spec.ts';
import { type EdgeContainers, findEdge, isContainerOf, removeEdge } from './edge-container.ts';
import { type Counted, EdgeCounters } from './edge-counters.ts';
import { factsOf } from './edge-facts.ts';
import { acceptConfig, putCertificates, reloadFiles, keptFiles } from './edge-files.ts';
import { refuse } from './edge-refusal.ts';
import { ensureEdge } from './ensure-edge.ts';
import { isStructureOf } from './haproxy-config.ts';
import { KeptConfig } from './kept-config.ts';
import { MasterCli } from './master-cli.ts';
import { type EdgeReading, observeEdge } from './observe-edge.ts';
import { Serial } from './serial.ts';
import { isChecked } from './server-check.ts';
import { isSwitched, planSwitch, type SwitchCommand } from './switch-plan.ts';

/** A balancer listens some 50 ms after its container started; with many starting at once much later. */
const startsMs = 15_000;
const retryMs = 25;
/** A reload reads the configuration and starts a process: some 100 ms. */
const reloadMs = 15_000;
/** How long old servers go on when the new ones have yet to pass a check. */
const takeoverMs = 2_000;
const logLinesMax = 20;
/** Who changes an edge, who watches it and who plans by it ask at the same moments: one reading is enough for all. */
const freshMs = 25;

interface Observed {
  readonly reading: EdgeReading;
  readonly counted: Counted;
  /** When it was asked for. */
  readonly atMs: number;
  readonly atMonotonicMs: number;
}

export class Edge implements Disposable {
  readonly name: string;
  readonly #tools: EdgeContainers;
  readonly #changes = new Serial();
  readonly #readings = new Serial();
  #counters = new EdgeCounters();
  #container: ContainerFacts | null = null;
  #cli: MasterCli | null = null;
  /** The last one that it was brought to. */
  #spec: EdgeSpec | null = null;
  readonly #kept: KeptConfig;
  /** Null since something was ordered. */
  #newest: Observed | null = null;
  /** Orders so far: a reading that one came into may be of before or after it. */
  #orders = 0;
  #disposed = false;

  constructor(tools: EdgeContainers, name: string) {
    this.#tools = tools;
    this.name = name;
    this.#kept = new KeptConfig(tools);
  }

  /** See `Edges.apply`. */
  apply(spec: EdgeSpec): Promise<EngineResult<EdgeFacts>> {
    return this.#changes.run(async () => {
      const problem = problemOfSpec(spec);
      if (problem !== null) return refuse('refused', problem);
      const first = await this.#bringTo(spec);
      // A session can end under a change, with a worker or the container. Changes are repeatable.
      const applied = first.ok || this.#cli?.isOpen === true || this.#disposed ? first : await this.#bringTo(spec);
      if (applied.ok) this.#spec = spec;
      return applied;
    });
  }

  /** See `Edges.read`. */
  async read(): Promise<EngineResult<EdgeFacts>> {
    const reading = await this.#fresh();
    return reading.ok ? ok(this.#facts(reading.value)) : reading;
  }

  /** See `Edges.remove`. */
  remove(): Promise<EngineResult<null>> {
    return this.#changes.run(async () => {
      this.#closeCli();
      return removeEdge(this.#tools.engine, this.name);
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#kept.dispose();
    this.#closeCli();
  }

  async #bringTo(spec: EdgeSpec): Promise<EngineResult<EdgeFacts>> {
    // While its master process answers, its container runs; a running one is only looked at closer
    // where a new one may be needed.
    const isKnown = this.#cli?.isOpen === true && this.#container !== null && isContainerOf(spec, this.#container);
    if (!isKnown) {
      const ensured = await ensureEdge(this.#tools, spec);
      if (!ensured.ok) return ensured;
      this.#meet(ensured.value.container);
      if (ensured.value.isNew) this.#kept.note(this.#filesOf(spec, ensured.value.container.id));
    }
    const before = await this.#fresh();
    if (!before.ok) return before;
    const isSame = isStructureOf(before.value.reading.description, spec);
    const changed = isSame ? await this.#switch(spec, before.value) : await this.#reload(spec, before.value);
    if (!changed.ok) return changed;
    return ok(this.#facts(changed.value));
  }

  /** Changes servers, states and weights while it runs. */
  async #switch(spec: EdgeSpec, before: Observed): Promise<EngineResult<Observed>> {
    const plan = planSwitch(spec, before.reading.standings);
    if (this.#container !== null) this.#kept.put(this.#filesOf(spec, this.#container.id));
    const given = await this.#order(plan.give);
    if (given.ok && plan.bare.length > 0) await this.#untilNoneIsBare(spec);
    const taken = given.ok ? await this.#order(plan.take) : given;
    if (!taken.ok) return taken;
    if (plan.give.length + plan.take.length === 0) return ok(before);
    const after = await this.#observe();
    if (!after.ok || isSwitched(spec, after.value.reading.standings)) return after;
    return refuse('refused', 'The edge took a change of its servers, and they are not as they should be.');
  }

  /** New servers take over at their first passed check; ones that do not pass are not waited for long. */
  async #untilNoneIsBare(spec: EdgeSpec): Promise<void> {
    const { clock } = this.#tools;
    const untilMs = clock.monotonicMs() + takeoverMs;
    while (clock.monotonicMs() < untilMs) {
      const now = await this.#observe();
      if (!now.ok || planSwitch(spec, now.value.reading.standings).bare.length === 0) return;
      await this.#pause(retryMs);
    }
  }

  async #order(commands: readonly SwitchCommand[]): Promise<EngineResult<null>> {
    if (commands.length === 0) return ok(null);
    if (this.#cli === null) return gone(this.name);
    this.#noteOrder();
    const answered = await this.#cli.ask(commands.map(({ command }) => `@1 ${command}`));
    if (!answered.ok) return answered;
    const mistake = commands.findIndex(({ accepts }, index) => !accepts.test(answered.value[index] ?? ''));
    if (mistake < 0) return ok(null);
    const { command = '' } = commands[mistake] ?? {};
    return refuse(
      'refused',
      'The edge did not take a change of its servers.',
      `${command}: ${answered.value[mistake]}`,
    );
  }

  /** Begins a new process with the new configuration; the old one finishes what it has. */
  async #reload(spec: EdgeSpec, { reading: before }: Observed): Promise<EngineResult<Observed>> {
    const { engine, clock, log } = this.#tools;
    const container = this.#container;
    const cli = this.#cli;
    if (container === null || cli === null) return gone(this.name);
    // A pool may have another name by now; what works at its address and port goes on.
    const known = new Map<string, boolean>();
    for (const { server, address, port, isUp } of before.standings) {
      const at = `${server}/${address}/${port}`;
      known.set(at, isUp || known.get(at) === true);
    }
    const files = reloadFiles(
      spec,
      (pool, server) => known.get(`${server.name}/${server.address}/${server.port}`) ?? !isChecked(server, pool),
    );
    await this.#kept.stop();
    for (const step of [
      () => putCertificates(engine, container.id, spec.listeners),
      () => engine.putArchive(container.id, '/', files),
      () => acceptConfig(engine, container.id),
    ]) {
      const done = await step();
      if (done.ok) continue;
      if (this.#spec !== null) this.#kept.put(this.#filesOf(this.#spec, container.id));
      return done;
    }
    this.#kept.note(null);
    this.#noteOrder();
    const startedAtMs = clock.monotonicMs();
    // The answer is that the session ends, since the master process becomes another one.
    void cli.ask(['reload']);
    const deadline = clock.after(reloadMs, () => cli.dispose());
    await cli.closed;
    deadline.dispose();
    const after = await this.#observe();
    if (!after.ok) return after;
    if (!isStructureOf(after.value.reading.description, spec)) {
      if (this.#spec !== null) this.#kept.put(this.#filesOf(this.#spec, container.id));
      const detail = await this.#lastWords(container.id);
      return refuse('refused', 'The edge could not begin with its new configuration; it goes on as it was.', detail);
    }
    log.info('an edge was reloaded', { edge: this.name, ms: Math.round(clock.monotonicMs() - startedAtMs) });
    this.#kept.put(this.#filesOf(spec, container.id));
    return after;
  }

  #filesOf(spec: EdgeSpec, containerId: string): { containerId: string; archive: Uint8Array } {
    return { containerId, archive: keptFiles(spec) };
  }

  #noteOrder(): void {
    this.#orders += 1;
    this.#newest = null;
  }

  /** The newest reading if it is new enough, else another one. */
  #fresh(): Promise<EngineResult<Observed>> {
    const newest = this.#newest;
    const ageMs = newest === null ? Number.POSITIVE_INFINITY : this.#tools.clock.monotonicMs() - newest.atMonotonicMs;
    return newest !== null && ageMs <= freshMs ? Promise.resolve(ok(newest)) : this.#observe();
  }

  /** Reads it, over a new session if the one before has ended. */
  #observe(): Promise<EngineResult<Observed>> {
    return this.#readings.run(async () => {
      let failed: EngineResult<Observed> = gone(this.name);
      // A worker that ends between two questions ends the session with it: asked once more.
      for (let attempt = 0; attempt < 2 && !this.#disposed; attempt += 1) {
        const cli = await this.#connect();
        if (!cli.ok) return cli;
        const { clock } = this.#tools;
        const asked = { atMs: clock.nowMs(), atMonotonicMs: clock.monotonicMs() };
        const orders = this.#orders;
        const reading = await observeEdge(cli.value);
        if (reading.ok) {
          const observed = { reading: reading.value, counted: this.#counters.add(reading.value), ...asked };
          if (orders === this.#orders) this.#newest = observed;
          return ok(observed);
        }
        if (cli.value.isOpen) return reading;
        failed = reading;
      }
      return failed;
    });
  }

  async #connect(): Promise<EngineResult<MasterCli>> {
    if (this.#cli?.isOpen === true) return ok(this.#cli);
    const { engine, clock } = this.#tools;
    const untilMs = clock.monotonicMs() + startsMs;
    for (;;) {
      const found = await findEdge(engine, this.name);
      if (!found.ok) return found;
      if (found.value === null || this.#disposed) return gone(this.name);
      this.#meet(found.value);
      const { id, state } = found.value;
      const opened =
        state === 'running' ? await MasterCli.open(engine, id, clock) : notRunning<MasterCli>(this.name, state);
      if (opened.ok) {
        this.#cli = opened.value;
        return opened;
      }
      const canCome = state === 'running' || state === 'restarting';
      if (!canCome || clock.monotonicMs() >= untilMs) {
        return refuse(opened.error.reason, opened.error.message, await this.#lastWords(id));
      }
      await this.#pause(retryMs);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#tools.clock.after(ms, resolve));
  }

  async #lastWords(id: string): Promise<string> {
    const signal = AbortSignal.timeout(retryMs * 100);
    const log = await this.#tools.engine.logs(id, { tailLines: logLinesMax, follow: false, signal });
    if (!log.ok) return log.error.detail;
    const lines: string[] = [];
    for await (const batch of log.value) lines.push(...batch.map(({ text }) => text));
    return lines.join('\n');
  }

  /** Another container, or the same one started anew, has another process. */
  #meet(container: ContainerFacts): void {
    const before = this.#container;
    if (before !== null && (before.id !== container.id || before.startedAtMs !== container.startedAtMs)) {
      this.#closeCli();
      if (before.id !== container.id) this.#counters = new EdgeCounters();
    }
    this.#container = container;
  }

  #closeCli(): void {
    this.#newest = null;
    this.#cli?.dispose();
    this.#cli = null;
  }

  #facts({ reading, counted, atMs }: Observed): EdgeFacts {
    return factsOf(
      {
        name: this.name,
        atMs,
        containerId: this.#container?.id ?? '',
        ports: this.#container?.ports ?? [],
        checkIntervalMs: (pool) => this.#spec?.pools.find(({ name }) => name === pool)?.check.intervalMs ?? null,
      },
      reading,
      counted,
    );
  }
}

function gone<T>(name: string): EngineResult<T> {
  return refuse('no-such-container', `The edge ${name} is not there.`);
}

function notRunning<T>(name: string, state: string): EngineResult<T> {
  return refuse('refused', `The edge ${name} does not run: its container is ${state}.`);
}
