import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { InputOf, ItemOf, LogStreamName } from '#shared/contract/contract.ts';
import type { GantryError } from '#shared/contract/error.ts';
import { useClient } from './ClientContext.tsx';

/** What a lossless stream has brought so far. */
export interface StreamReading<Reading> {
  readonly reading: Reading;
  /** Counts the batches that were taken in: 0 until something came. */
  readonly batches: number;
  readonly ended: boolean;
  readonly error: GantryError | null;
}

/**
 * Reads a lossless stream into what `begin` makes, by `take`. The next batch is asked for once
 * this one is drawn, so that a lane that talks fast does not flood the panel. `begin` and
 * `take` must keep their identity.
 */
export function useLogStream<Name extends LogStreamName, Reading>(
  name: Name,
  input: InputOf<Name>,
  begin: () => Reading,
  take: (reading: Reading, items: readonly ItemOf<Name>[]) => void,
): StreamReading<Reading> {
  const client = useClient();
  const key = JSON.stringify(input);
  const asked = useMemo(() => JSON.parse(key) as InputOf<Name>, [key]);
  const [store] = useState(() => new ReadingStore<Reading>(begin()));
  useEffect(() => {
    const reading = begin();
    store.tell({ reading, batches: 0, ended: false, error: null });
    const subscription = client.read(name, asked, {
      items: (items) =>
        new Promise((resolve) => {
          take(reading, items);
          requestAnimationFrame(() => {
            store.tell({ batches: store.current().batches + 1 });
            resolve();
          });
        }),
      end: () => store.tell({ ended: true }),
      error: (error) => store.tell({ error }),
    });
    return () => subscription.dispose();
  }, [client, name, asked, begin, take, store]);
  return useSyncExternalStore(store.subscribe, store.current);
}

class ReadingStore<Reading> {
  #state: StreamReading<Reading>;
  readonly #listeners = new Set<() => void>();

  constructor(reading: Reading) {
    this.#state = { reading, batches: 0, ended: false, error: null };
  }

  readonly current = (): StreamReading<Reading> => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  tell(change: Partial<StreamReading<Reading>>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
