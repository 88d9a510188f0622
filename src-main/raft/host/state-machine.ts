/** What the Raft host asks of the replicated state. `state/` implements it on SQLite. */
import type { ConfState, Entry } from '../core/message.ts';

/** What applying one entry gave. */
export interface Applied {
  readonly index: number;
  /** The answer for the proposer, encoded; empty for entries without a command. */
  readonly answer: Uint8Array;
  /** What changed, encoded, for the change feed; empty when nothing did. */
  readonly changes: Uint8Array;
}

/**
 * A deterministic state machine with its own durable file. A failure to read or write is
 * thrown and stops the node.
 */
export interface StateMachine {
  /** The last applied entry and the configuration at that point; index 0 when new. */
  applied(): { readonly index: number; readonly term: number; readonly confState: ConfState | null };
  /** Applies entries in order in one transaction together with the applied index. `confState` is the one after the last. */
  apply(entries: readonly Entry[], confState: ConfState): readonly Applied[];
  /**
   * Like `apply`, but leaves the transaction open: other connections see the entries from the
   * next `publish` on, and a crash before that takes all of them back.
   */
  stage(entries: readonly Entry[], confState: ConfState): readonly Applied[];
  /** Commits what was staged. Everything below does so first. */
  publish(): void;
  /** Moves some of what was published into the main file. For moments in which nobody waits. */
  maintain(): void;
  /** Writes a consistent copy of the state into a new file; the node goes on meanwhile or waits, but never tears it. */
  writeSnapshot(path: string): { readonly index: number; readonly term: number; readonly sizeBytes: number };
  /** Replaces the state by a snapshot file, atomically; readers of the database see the old or the new one. */
  restoreSnapshot(path: string): void;
  /** Makes everything applied so far survive a power cut, so that the log before it may go. */
  sync(): void;
  /** Hash over the whole state, equal on all nodes at the same applied index. */
  hash(): string;
  close(): void;
}
