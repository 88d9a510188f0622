/**
 * Whether a history of operations on registers could have happened one at a time, each at
 * some moment between its call and its answer (Wing and Gong's search with Lowe's memory,
 * as in Porcupine). Registers are independent, so each key is checked alone.
 *
 * An operation that got no answer stays open for ever: it may have taken effect at any
 * time after its call, or never.
 */
import { assertDefined } from '#shared/base/assert.ts';

/** One operation of one client. Values are written at most once each, in rising order of the calls. */
export interface Operation {
  readonly key: string;
  readonly kind: 'write' | 'read' | 'compare-and-set';
  /** What is written; unused by a read. */
  readonly value: number;
  /** What `compare-and-set` wants to find. */
  readonly expected: number;
  readonly calledAt: number;
  /** Infinity while open. */
  readonly answeredAt: number;
  /** What a read or a `compare-and-set` saw; anything for a write; null while open. */
  readonly answer: number | null;
}

/** What every register holds before anything is written. */
export const initialValue = 0;

/** Steps of the search for one key; a history that needs more was made too concurrent. */
const stepsMax = 2_000_000;

/** The keys whose history is not linearizable, with what was done to them. Empty when all is well. */
export function nonLinearizableKeys(history: readonly Operation[]): { key: string; operations: Operation[] }[] {
  const perKey = new Map<string, Operation[]>();
  for (const operation of history) {
    const known = perKey.get(operation.key);
    if (known === undefined) perKey.set(operation.key, [operation]);
    else known.push(operation);
  }
  return [...perKey]
    .filter(([, operations]) => !isLinearizable(operations))
    .map(([key, operations]) => ({ key, operations }));
}

/** Whether the history of one register is linearizable. Throws when the search is too large to tell. */
export function isLinearizable(history: readonly Operation[]): boolean {
  const operations = withoutIrrelevant(history).sort((left, right) => left.calledAt - right.calledAt);
  const must = operations.filter((operation) => operation.answer !== null).length;
  const seen = new Set<string>();
  const done = new Uint8Array(operations.length);
  let steps = 0;

  /** `first` is the earliest operation that is not done; `left` answered ones have to be. */
  const search = (value: number, first: number, left: number): boolean => {
    if (left === 0) return true;
    steps += 1;
    if (steps > stepsMax) throw new Error('the history is too concurrent to be checked');
    const state = `${value}|${first}|${done.subarray(first).join('')}`;
    if (seen.has(state)) return false;
    seen.add(state);
    // Whatever was called after the earliest answer cannot come before that operation.
    let deadline = Number.POSITIVE_INFINITY;
    for (let at = first; at < operations.length; at += 1) {
      const operation = assertDefined(operations[at], 'the index is in range');
      if (operation.calledAt > deadline) break;
      if (done[at] === 0) deadline = Math.min(deadline, operation.answeredAt);
    }
    for (let at = first; at < operations.length; at += 1) {
      const operation = assertDefined(operations[at], 'the index is in range');
      if (operation.calledAt > deadline) break;
      if (done[at] !== 0) continue;
      const next = resultOf(operation, value);
      if (next === null) continue;
      done[at] = 1;
      let nextFirst = first;
      while (done[nextFirst] === 1) nextFirst += 1;
      if (search(next, nextFirst, left - (operation.answer === null ? 0 : 1))) return true;
      done[at] = 0;
    }
    return false;
  };
  return search(initialValue, 0, must);
}

/** The register after the operation; null when its answer could not have come about. */
function resultOf(operation: Operation, value: number): number | null {
  switch (operation.kind) {
    case 'write':
      return operation.value;
    case 'read':
      return operation.answer === value ? value : null;
    case 'compare-and-set':
      if (operation.answer !== null && operation.answer !== value) return null;
      return value === operation.expected ? operation.value : value;
  }
}

/**
 * Open reads have no effect. An open write whose value nobody ever saw might as well never
 * have happened. Leaving both out changes no verdict. Whoever sees what a compare-and-set
 * wrote has also seen what that one found.
 */
function withoutIrrelevant(history: readonly Operation[]): Operation[] {
  const seen = new Set<number>();
  for (const { kind, answer } of history) if (kind !== 'write' && answer !== null) seen.add(answer);
  const open = history.filter(({ kind, answer }) => kind !== 'read' && answer === null);
  // A value can only be expected after it was written, so one pass backwards finds all.
  for (const { kind, value, expected } of open.sort((left, right) => right.value - left.value)) {
    if (kind === 'compare-and-set' && seen.has(value)) seen.add(expected);
  }
  return history.filter(({ kind, answer, value }) => answer !== null || (kind !== 'read' && seen.has(value)));
}
