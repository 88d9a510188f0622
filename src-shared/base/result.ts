/** The outcome of something that the world can refuse: never thrown, always handled. */
export type Result<T, E> = Success<T> | Failure<E>;

/** A result that carries its value. */
export interface Success<T> {
  readonly ok: true;
  readonly value: T;
}

/** A result that carries the reason why there is no value. */
export interface Failure<E> {
  readonly ok: false;
  readonly error: E;
}

/** Wraps a value as a success. */
export function ok<T>(value: T): Success<T> {
  return { ok: true, value };
}

/** Wraps a reason as a failure. */
export function fail<E>(error: E): Failure<E> {
  return { ok: false, error };
}
