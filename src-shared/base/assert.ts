/**
 * Our own mistakes, made loud. An assertion states an invariant of this program;
 * it stays on in production and stops whoever relied on it. A fault of the world
 * (a missing file, a refused connection) is never an assertion: it is a `Result`.
 */

/** Thrown when an invariant of the program does not hold. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Throws `AssertionError` with `message` unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks a branch that the types say cannot be reached. */
export function assertNever(value: never, message = 'unreachable value'): never {
  throw new AssertionError(`${message}: ${JSON.stringify(value)}`);
}

/** Returns `value`, which the caller knows to be present. */
export function assertDefined<T>(value: T | undefined | null, message: string): T {
  assert(value !== undefined && value !== null, message);
  return value;
}
