/** How the entries of the contract are written down. */
import type { z } from 'zod';

/** One question and its answer. */
export interface CallEntry<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  readonly kind: 'call';
  readonly input: Input;
  readonly output: Output;
}

/**
 * State that is shown as it is now: a map whose values replace each other. A slow reader
 * skips what was overwritten meanwhile and always ends with the host's view.
 */
export interface StateStreamEntry<Input extends z.ZodType = z.ZodType, Value extends z.ZodType = z.ZodType> {
  readonly kind: 'state';
  readonly input: Input;
  readonly value: Value;
}

/**
 * A sequence of which nothing may be missing. `input` says from where; a reader that
 * reconnects asks again from where it is. The host stops producing while a reader is behind.
 */
export interface LogStreamEntry<Input extends z.ZodType = z.ZodType, Item extends z.ZodType = z.ZodType> {
  readonly kind: 'log';
  readonly input: Input;
  readonly item: Item;
}

export type ContractEntry = CallEntry | StateStreamEntry | LogStreamEntry;

/** A call: `call({ input, output })`. */
export function call<I extends z.ZodType, O extends z.ZodType>(entry: { input: I; output: O }): CallEntry<I, O> {
  return { kind: 'call', ...entry };
}

/** A conflating stream of keyed state. */
export function stateStream<I extends z.ZodType, V extends z.ZodType>(entry: {
  input: I;
  value: V;
}): StateStreamEntry<I, V> {
  return { kind: 'state', ...entry };
}

/** A lossless stream. */
export function logStream<I extends z.ZodType, T extends z.ZodType>(entry: {
  input: I;
  item: T;
}): LogStreamEntry<I, T> {
  return { kind: 'log', ...entry };
}
