/** The edges of one engine: HAProxy in containers, driven through its own command line. */
import { DisposableStore } from '#shared/base/disposable.ts';
import { Emitter } from '#shared/base/emitter.ts';
import { ok } from '#shared/base/result.ts';
import type { Clock } from '../ports/clock.ts';
import type { EdgeFacts, Edges, EdgeSpec } from '../ports/edge.ts';
import type { ContainerEngine, EngineEvent, EngineResult } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';
import { Edge } from './edge.ts';
import { edgeLabel } from './edge-container.ts';
import { EdgeImage } from './edge-image.ts';
import { EdgeWatch } from './edge-watch.ts';

export interface EdgesOptions {
  readonly engine: ContainerEngine;
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens the edges of an engine. Those that run are gone on with when they are first asked for. */
export function openEdges(options: EdgesOptions): Edges {
  return new DockedEdges(options);
}

interface Tracked {
  readonly edge: Edge;
  /** From the first time that it answered. */
  watch: EdgeWatch | null;
  /** Changes that were asked for and have not ended. */
  changes: number;
}

const endings = new Set(['die', 'destroy', 'start', 'restart']);

class DockedEdges implements Edges {
  readonly #options: EdgesOptions;
  readonly #image: EdgeImage;
  readonly #tracked = new Map<string, Tracked>();
  readonly #changed = new Emitter<string>();
  readonly #owned = new DisposableStore();
  readonly onDidChange = this.#changed.event;

  constructor(options: EdgesOptions) {
    this.#options = options;
    this.#image = new EdgeImage(options);
    this.#owned.add(this.#changed);
    this.#owned.add(options.engine.onDidHappen((event) => this.#notice(event)));
  }

  apply(spec: EdgeSpec): Promise<EngineResult<EdgeFacts>> {
    return this.#changing(spec.name, async ({ edge }) => {
      const applied = await edge.apply(spec);
      if (applied.ok || applied.error.reason !== 'no-such-image') return applied;
      const prepared = await this.#image.prepare(() => undefined);
      return prepared.ok ? edge.apply(spec) : prepared;
    });
  }

  async read(name: string): Promise<EngineResult<EdgeFacts>> {
    const tracked = this.#track(name);
    const read = await tracked.edge.read();
    this.#settle(tracked, read);
    return read;
  }

  async remove(name: string): Promise<EngineResult<null>> {
    const removed = await this.#changing(name, ({ edge }) => edge.remove());
    const tracked = this.#tracked.get(name);
    if (removed.ok && tracked?.changes === 0) this.#untrack(tracked);
    return removed;
  }

  async list(labels: Readonly<Record<string, string>>): Promise<EngineResult<string[]>> {
    const found = await this.#options.engine.listContainers({ ...labels, [edgeLabel]: null });
    if (!found.ok) return found;
    const names = found.value.map((container) => container.labels[edgeLabel] ?? container.name);
    return ok([...new Set(names)].sort());
  }

  prepare(onProgress: (line: string) => void): Promise<EngineResult<{ image: string }>> {
    return this.#image.prepare(onProgress);
  }

  dispose(): void {
    for (const tracked of this.#tracked.values()) this.#untrack(tracked);
    this.#owned.dispose();
  }

  async #changing<T>(name: string, change: (tracked: Tracked) => Promise<EngineResult<T>>): Promise<EngineResult<T>> {
    const tracked = this.#track(name);
    tracked.changes += 1;
    const changed = await change(tracked);
    tracked.changes -= 1;
    this.#settle(tracked, changed);
    tracked.watch?.attend();
    return changed;
  }

  #track(name: string): Tracked {
    const known = this.#tracked.get(name);
    if (known !== undefined) return known;
    const tracked: Tracked = { edge: new Edge(this.#options, name), watch: null, changes: 0 };
    this.#tracked.set(name, tracked);
    return tracked;
  }

  /** Watches an edge that answered; lets go of one that was only asked for and is not there. */
  #settle(tracked: Tracked, result: EngineResult<unknown>): void {
    const { edge, watch, changes } = tracked;
    if (watch !== null || this.#tracked.get(edge.name) !== tracked) return;
    if (result.ok) {
      const onChange = (): void => this.#changed.fire(edge.name);
      tracked.watch = new EdgeWatch(() => edge.read(), this.#options.clock, onChange);
    } else if (changes === 0) {
      this.#untrack(tracked);
    }
  }

  #untrack(tracked: Tracked): void {
    this.#tracked.delete(tracked.edge.name);
    tracked.watch?.dispose();
    tracked.edge.dispose();
  }

  #notice(event: EngineEvent): void {
    if (event.kind === 'resync') {
      for (const name of this.#tracked.keys()) this.#changed.fire(name);
      return;
    }
    if (event.kind !== 'container' || !endings.has(event.action)) return;
    const name = event.labels[edgeLabel];
    if (name === undefined || !this.#tracked.has(name)) return;
    this.#changed.fire(name);
  }
}
