/**
 * Client sessions: what makes a retried command apply once (thesis §6.3). A client keeps many
 * commands in flight, and a lost one may come after later ones; so each session remembers its
 * last `sessionWindow` answers rather than one.
 *
 * Everything here depends on the order of log entries alone, never on how they were batched:
 * which session goes when there are too many is the same on every node.
 */
import type { Database, Statement } from 'better-sqlite3';
import { assert } from '#shared/base/assert.ts';
import { RowInserter } from '../platform/row-inserter.ts';

/** Answers kept for each session, and with it the most commands that one may have in flight. */
export const sessionWindow = 1_024;

/** Sessions kept; the one used longest ago makes room. A session is one start of one process. */
export const sessionsMax = 256;

/** What is known of a command by its session and sequence. */
export type KnownCommand =
  | { readonly kind: 'new' }
  | { readonly kind: 'answered'; readonly answer: Uint8Array }
  /** So old that its answer is gone. */
  | { readonly kind: 'forgotten' };

interface Session {
  highestSequence: number;
  usedIndex: number;
}

/** Its sequence comes first. */
type KeptAnswer = readonly [number, Uint8Array];

const isNew: KnownCommand = { kind: 'new' };

/** The sessions of one state machine. Used inside its transactions only. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  /** Used since the last flush; their rows are behind. */
  readonly #used = new Set<string>();
  /** Answers since the last flush, by session and slot: most are never asked for before it. */
  readonly #unwritten = new Map<string, Map<number, KeptAnswer>>();
  readonly #all: Statement;
  readonly #answer: Statement;
  readonly #answers: RowInserter;
  readonly #put: Statement;
  readonly #removeAnswers: Statement;
  readonly #remove: Statement;

  constructor(database: Database) {
    this.#all = database.prepare('SELECT id, highestSequence, usedIndex FROM session').raw();
    this.#answer = database
      .prepare('SELECT sequence, answer FROM sessionAnswer WHERE sessionId = ? AND slot = ?')
      .raw();
    this.#answers = new RowInserter(database, 'INSERT OR REPLACE INTO sessionAnswer', 4);
    this.#put = database.prepare('INSERT OR REPLACE INTO session VALUES (?, ?, ?)');
    this.#removeAnswers = database.prepare('DELETE FROM sessionAnswer WHERE sessionId = ?');
    this.#remove = database.prepare('DELETE FROM session WHERE id = ?');
    this.reload();
  }

  /** Reads the sessions anew, after the tables were replaced. */
  reload(): void {
    this.#sessions.clear();
    this.#used.clear();
    this.#unwritten.clear();
    for (const [id, highestSequence, usedIndex] of this.#all.all() as [string, number, number][]) {
      this.#sessions.set(id, { highestSequence, usedIndex });
    }
  }

  lookUp(id: string, sequence: number): KnownCommand {
    const session = this.#sessions.get(id);
    if (session === undefined || sequence > session.highestSequence) return isNew;
    const kept = this.#kept(id, sequence % sessionWindow);
    if (kept === undefined || kept[0] < sequence) {
      // Never seen, but a later one was: it overtook this one on its way to the leader.
      return sequence > session.highestSequence - sessionWindow ? isNew : { kind: 'forgotten' };
    }
    return kept[0] === sequence ? { kind: 'answered', answer: kept[1] } : { kind: 'forgotten' };
  }

  /** Keeps the answer of a command that was new. */
  remember(id: string, sequence: number, answer: Uint8Array, index: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined) {
      if (this.#sessions.size >= sessionsMax) this.#removeLeastRecentlyUsed();
      this.#sessions.set(id, { highestSequence: sequence, usedIndex: index });
    } else {
      session.highestSequence = Math.max(session.highestSequence, sequence);
      session.usedIndex = index;
    }
    this.#used.add(id);
    const unwritten = this.#unwritten.get(id);
    const slot = sequence % sessionWindow;
    if (unwritten) unwritten.set(slot, [sequence, answer]);
    else this.#unwritten.set(id, new Map([[slot, [sequence, answer]]]));
  }

  #kept(id: string, slot: number): KeptAnswer | undefined {
    return this.#unwritten.get(id)?.get(slot) ?? (this.#answer.get(id, slot) as KeptAnswer | undefined);
  }

  /** A retried command uses its session too. */
  touch(id: string, index: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    session.usedIndex = index;
    this.#used.add(id);
  }

  /** Writes what was used; once for each transaction, before it commits. */
  flush(): void {
    for (const id of this.#used) {
      const session = this.#sessions.get(id);
      assert(session !== undefined, 'a used session is known');
      this.#put.run(id, session.highestSequence, session.usedIndex);
    }
    this.#used.clear();
    const values: (string | number | Uint8Array)[] = [];
    for (const [id, answers] of this.#unwritten) {
      for (const [slot, [sequence, answer]] of answers) values.push(id, slot, sequence, answer);
    }
    this.#answers.insert(values);
    this.#unwritten.clear();
  }

  #removeLeastRecentlyUsed(): void {
    let oldestId: string | null = null;
    let oldestIndex = Number.POSITIVE_INFINITY;
    // Two sessions never share an index, so the order of the map does not matter.
    for (const [id, session] of this.#sessions) {
      if (session.usedIndex < oldestIndex) {
        oldestId = id;
        oldestIndex = session.usedIndex;
      }
    }
    assert(oldestId !== null, 'there is a session to remove');
    this.#sessions.delete(oldestId);
    this.#used.delete(oldestId);
    this.#unwritten.delete(oldestId);
    this.#removeAnswers.run(oldestId);
    this.#remove.run(oldestId);
  }
}
