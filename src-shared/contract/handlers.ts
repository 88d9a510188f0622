/** The host's side of the contract: what implements its entries. */
import type { Disposable } from '../base/disposable.ts';
import type { CallName, ItemOf, LogStreamName, OutputOf, ParsedInputOf, StateStreamName, ValueOf } from './contract.ts';
import type { GantryError } from './error.ts';

/** Who asks, and until when the answer is wanted. */
export interface RequestContext {
  /** One per connection, for the log. */
  readonly connectionId: string;
  /** One per request: the log's lines and the error that the person sees carry it. */
  readonly correlationId: string;
  /** Aborted when the caller gave up, unsubscribed or went away. */
  readonly signal: AbortSignal;
}

/** Answers a call. A `GantryError` reaches the caller as it is; anything else as `internal`. */
export type CallHandler<Name extends CallName> = (
  input: ParsedInputOf<Name>,
  context: RequestContext,
) => Promise<OutputOf<Name>>;

/**
 * Where a state stream's source puts what is true now. Values must not be changed afterwards:
 * they are encoded when the reader is ready for them. Costs nothing while the reader is behind.
 */
export interface StateSink<Value> {
  set(key: string, value: Value): void;
  delete(key: string): void;
  /** Makes `values` all there is. A value that is the same object as before is not sent again. */
  replace(values: ReadonlyMap<string, Value>): void;
  /** Ends the stream; nothing can be set afterwards. */
  fail(error: GantryError): void;
}

/**
 * Feeds one reader of a state stream. What was set when it returns (or its promise settles) is
 * the first snapshot; disposing the result ends the feed.
 */
export type StateSource<Name extends StateStreamName> = (
  input: ParsedInputOf<Name>,
  sink: StateSink<ValueOf<Name>>,
  context: RequestContext,
) => Disposable | Promise<Disposable>;

/**
 * Produces a log stream in batches of about 64 KiB at most. The next batch is pulled only once
 * the reader has caught up; a source that waits for more must stop waiting on `context.signal`.
 */
export type LogSource<Name extends LogStreamName> = (
  input: ParsedInputOf<Name>,
  context: RequestContext,
) => AsyncIterable<readonly ItemOf<Name>[]>;

/** Every entry of the contract with what implements it. */
export type ContractHandlers = { readonly [Name in CallName]: CallHandler<Name> } & {
  readonly [Name in StateStreamName]: StateSource<Name>;
} & { readonly [Name in LogStreamName]: LogSource<Name> };
