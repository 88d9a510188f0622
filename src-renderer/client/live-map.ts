import type { StateObserver } from '#shared/contract/client.ts';
import type { GantryError } from '#shared/contract/error.ts';

/** Where a stream is: nothing has come yet, it is complete, or it was refused for good. */
export type StreamState =
  | { readonly state: 'loading' }
  | { readonly state: 'ready' }
  | { readonly state: 'failed'; readonly error: GantryError };

const loading: StreamState = { state: 'loading' };
const ready: StreamState = { state: 'ready' };

/**
 * The newest values of one state stream, outside React. Changes are gathered and told once a
 * frame; a reader of one key hears of that key only. Between two flushes every getter answers
 * the same objects, as `useSyncExternalStore` asks.
 */
export class LiveMap<Value> implements StateObserver<Value> {
  #values: ReadonlyMap<string, Value> = new Map();
  #ids: readonly string[] = [];
  #list: readonly Value[] = [];
  #state: StreamState = loading;
  #replacement: ReadonlyMap<string, Value> | null = null;
  readonly #dirty = new Map<string, Value | undefined>();
  #nextState: StreamState = loading;
  #scheduled = false;
  readonly #onKey = new Map<string, Set<() => void>>();
  readonly #onIds = new Set<() => void>();
  readonly #onAny = new Set<() => void>();
  readonly #schedule: (flush: () => void) => void;

  /** `schedule` runs a flush soon; in the panel, with the next animation frame. */
  constructor(schedule: (flush: () => void) => void) {
    this.#schedule = schedule;
  }

  // ── what the stream tells ──

  snapshot(values: ReadonlyMap<string, Value>): void {
    this.#replacement = values;
    this.#dirty.clear();
    this.#nextState = ready;
    this.#wake();
  }

  change(set: ReadonlyMap<string, Value>, removed: readonly string[]): void {
    for (const [id, value] of set) this.#dirty.set(id, value);
    for (const id of removed) this.#dirty.set(id, undefined);
    this.#wake();
  }

  error(error: GantryError): void {
    this.#nextState = { state: 'failed', error };
    this.#wake();
  }

  // ── what readers ask ──

  readonly get = (id: string): Value | undefined => this.#values.get(id);
  /** Keys in the order in which they arrived. */
  readonly ids = (): readonly string[] => this.#ids;
  readonly list = (): readonly Value[] => this.#list;
  readonly state = (): StreamState => this.#state;

  readonly onKey = (id: string, listener: () => void): (() => void) => {
    const listeners = this.#onKey.get(id) ?? new Set();
    this.#onKey.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#onKey.get(id) === listeners) this.#onKey.delete(id);
    };
  };
  readonly onIds = (listener: () => void): (() => void) => subscribe(this.#onIds, listener);
  /** Hears of every flush. */
  readonly onAny = (listener: () => void): (() => void) => subscribe(this.#onAny, listener);

  /** Forgets everything, as for a stream that starts anew. */
  reset(): void {
    this.#replacement = new Map();
    this.#dirty.clear();
    this.#nextState = loading;
    this.#wake();
  }

  /** Puts what was gathered in place and tells those whom it concerns. */
  flush(): void {
    this.#scheduled = false;
    const before = this.#values;
    const next = new Map(this.#replacement ?? before);
    for (const [id, value] of this.#dirty) {
      if (value === undefined) next.delete(id);
      else next.set(id, value);
    }
    const touched =
      this.#replacement === null ? [...this.#dirty.keys()] : [...new Set([...before.keys(), ...next.keys()])];
    const idsChanged = touched.some((id) => before.has(id) !== next.has(id));
    const stateChanged = this.#state !== this.#nextState;
    this.#values = next;
    this.#list = [...next.values()];
    this.#state = this.#nextState;
    this.#replacement = null;
    this.#dirty.clear();
    if (idsChanged) this.#ids = [...next.keys()];
    for (const id of touched) for (const listener of this.#onKey.get(id) ?? []) listener();
    if (idsChanged || stateChanged) for (const listener of this.#onIds) listener();
    for (const listener of this.#onAny) listener();
  }

  #wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => this.flush());
  }
}

function subscribe(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
