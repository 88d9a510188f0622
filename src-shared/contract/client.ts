/** The caller's side of the contract, as the renderer and the command line see it. */
import type { Disposable } from '../base/disposable.ts';
import type { CallName, InputOf, ItemOf, LogStreamName, OutputOf, StateStreamName, ValueOf } from './contract.ts';
import type { GantryError } from './error.ts';

/** What a reader of a state stream is told. Keys are ids; the map is complete after the first `snapshot`. */
export interface StateObserver<Value> {
  /** Replaces all that was known. Also sent after a reconnect. */
  snapshot(values: ReadonlyMap<string, Value>): void;
  /** Changes since then: at most one entry a key. */
  change(set: ReadonlyMap<string, Value>, removed: readonly string[]): void;
  /** The stream cannot go on; it is not retried. */
  error(error: GantryError): void;
}

/** What a reader of a log stream is told. */
export interface LogObserver<Item> {
  /** Items in order. The next batch is asked for once the returned promise settles. */
  items(items: readonly Item[]): void | Promise<void>;
  end(): void;
  error(error: GantryError): void;
}

/** The contract over one connection. */
export interface ContractClient {
  call<Name extends CallName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>>;
  watch<Name extends StateStreamName>(
    name: Name,
    input: InputOf<Name>,
    observer: StateObserver<ValueOf<Name>>,
  ): Disposable;
  read<Name extends LogStreamName>(name: Name, input: InputOf<Name>, observer: LogObserver<ItemOf<Name>>): Disposable;
}
