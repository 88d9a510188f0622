/** A state stream as a map that is always current: what commands look at. */
import type { Disposable } from '#shared/base/disposable.ts';
import { Emitter, type Event } from '#shared/base/emitter.ts';
import type { ContractClient } from '#shared/contract/client.ts';
import type { InputOf, StateStreamName, ValueOf } from '#shared/contract/contract.ts';
import type { GantryError } from '#shared/contract/error.ts';

export interface WatchedMap<Value> extends Disposable {
  readonly values: ReadonlyMap<string, Value>;
  readonly onDidChange: Event<void>;
}

/** Watches a stream and answers once its first snapshot is there. */
export function watchMap<Name extends StateStreamName>(
  client: ContractClient,
  name: Name,
  input: InputOf<Name>,
): Promise<WatchedMap<ValueOf<Name>>> {
  return new Promise((resolve, reject) => {
    const values = new Map<string, ValueOf<Name>>();
    const changed = new Emitter<void>();
    const subscription = client.watch(name, input, {
      snapshot(all) {
        values.clear();
        for (const [key, value] of all) values.set(key, value);
        resolve({
          values,
          onDidChange: changed.event,
          dispose() {
            subscription.dispose();
            changed.dispose();
          },
        });
        changed.fire();
      },
      change(set, removed) {
        for (const [key, value] of set) values.set(key, value);
        for (const key of removed) values.delete(key);
        changed.fire();
      },
      error(error: GantryError) {
        reject(error);
      },
    });
  });
}
