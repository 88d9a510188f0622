/** Chance, injected so that tests and the simulator own it. */
export interface Random {
  /** A lower-case alphanumeric identifier of `length` characters, unguessable in production. */
  id(length: number): string;
  /** An integer in [0, below). */
  below(below: number): number;
}
