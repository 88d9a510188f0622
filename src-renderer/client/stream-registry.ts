import type { Disposable } from '#shared/base/disposable.ts';
import type { ContractClient } from '#shared/contract/client.ts';
import type { InputOf, StateStreamName, ValueOf } from '#shared/contract/contract.ts';
import { LiveMap } from './live-map.ts';

/** How long a stream that nobody reads is kept, so that a change of view does not ask for it again. */
const keptUnreadForMs = 5_000;

interface Held {
  readonly map: LiveMap<never>;
  readonly start: () => Disposable;
  readers: number;
  running: Disposable | null;
  ending: ReturnType<typeof setTimeout> | null;
}

/** The state streams that are read now: one subscription each, however many components read it. */
export class StreamRegistry {
  readonly #client: ContractClient;
  readonly #held = new Map<string, Held>();

  constructor(client: ContractClient) {
    this.#client = client;
  }

  /** The values of a stream. It runs only while it is retained. */
  map<Name extends StateStreamName>(name: Name, input: InputOf<Name>): LiveMap<ValueOf<Name>> {
    return this.#hold(name, input).map as LiveMap<unknown> as LiveMap<ValueOf<Name>>;
  }

  /** Keeps a stream running until the result is disposed. */
  retain<Name extends StateStreamName>(name: Name, input: InputOf<Name>): Disposable {
    const held = this.#hold(name, input);
    held.readers += 1;
    if (held.ending !== null) clearTimeout(held.ending);
    held.ending = null;
    held.running ??= held.start();
    let released = false;
    return {
      dispose: () => {
        if (released) return;
        released = true;
        held.readers -= 1;
        if (held.readers > 0) return;
        held.ending = setTimeout(() => {
          held.running?.dispose();
          held.running = null;
          held.map.reset();
        }, keptUnreadForMs);
      },
    };
  }

  #hold<Name extends StateStreamName>(name: Name, input: InputOf<Name>): Held {
    const key = `${name} ${JSON.stringify(input)}`;
    const known = this.#held.get(key);
    if (known !== undefined) return known;
    const map = new LiveMap<ValueOf<Name>>((flush) => requestAnimationFrame(flush));
    const held: Held = {
      map: map as LiveMap<unknown> as LiveMap<never>,
      start: () => this.#client.watch(name, input, map),
      readers: 0,
      running: null,
      ending: null,
    };
    this.#held.set(key, held);
    return held;
  }
}
