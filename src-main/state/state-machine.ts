/**
 * The replicated state on SQLite. Entries are applied in transactions together with the applied
 * index, so a crash loses whole batches that the log brings back, and never half of one.
 * Any error that leaves `apply` is fatal to the node: its caller stops and does not go on.
 */
import type { Database, Statement } from 'better-sqlite3';
import { assert } from '#shared/base/assert.ts';
import type { ConfState, Entry } from '../raft/core/message.ts';
import type { Applied, StateMachine } from '../raft/host/state-machine.ts';
import { applyCommand } from './apply/apply-command.ts';
import { refuse } from './apply/refusal.ts';
import { Tables } from './apply/tables.ts';
import type { Command, CommandKind } from './command.ts';
import { decodeProposal, encodeChanges, encodeOutcome } from './proposal.ts';
import { Sessions } from './sessions.ts';
import { restoreSnapshotFile, writeSnapshotFile } from './snapshot.ts';
import { guardCorruption } from './state-corrupt-error.ts';
import { checkpoint, type Durability, openStateDatabase, syncDatabase } from './state-database.ts';
import { hashState } from './state-hash.ts';

/**
 * Opens the state in `path`, which is made when it does not exist. Throws `StateCorruptError`
 * when the file cannot be trusted.
 */
export function openStateMachine(path: string, options: { readonly durability?: Durability } = {}): StateMachine {
  const durability = options.durability ?? 'log';
  const database = openStateDatabase(path, durability);
  return guardCorruption(path, () => new SqliteStateMachine(database, path, durability));
}

interface AppliedPoint {
  readonly index: number;
  readonly term: number;
  readonly confState: ConfState | null;
}

/** The write-ahead log is moved into the main file once about this much may have been written to it. */
const walBytesMax = 64 * 1024 * 1024;
/** What a command makes SQLite write at most besides its own bytes, roughly: a page or two. */
const commandOverheadBytes = 4_096;

/** Kinds whose rules plainly write only once they can no longer refuse: nothing has to be taken back. */
const refusedBeforeWriting: ReadonlySet<CommandKind> = new Set(['setting.put', 'task.claim', 'claim.renew']);

const nothing = new Uint8Array(0);

class SqliteStateMachine implements StateMachine {
  readonly #database: Database;
  readonly #path: string;
  readonly #durability: Durability;
  readonly #tables: Tables;
  readonly #sessions: Sessions;
  readonly #readApplied: Statement;
  readonly #writeApplied: Statement;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollBack: Statement;
  readonly #savepoint: Statement;
  readonly #release: Statement;
  readonly #rollBackToSavepoint: Statement;
  #applied: AppliedPoint;
  /** The transaction that `publish` commits. */
  #isStaging = false;
  /** Written to the write-ahead log since it was moved into the main file, at most. */
  #walBytes = 0;
  #writtenConfState: { readonly confState: ConfState; readonly text: string } | null = null;
  /** After a failure what is in memory may be ahead of the file; only a new start is safe. */
  #hasFailed = false;

  constructor(database: Database, path: string, durability: Durability) {
    this.#database = database;
    this.#path = path;
    this.#durability = durability;
    this.#tables = new Tables(database);
    this.#sessions = new Sessions(database);
    this.#readApplied = database.prepare('SELECT logIndex, term, confState FROM applied').raw();
    this.#writeApplied = database.prepare('UPDATE applied SET logIndex = ?, term = ?, confState = ?');
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#rollBack = database.prepare('ROLLBACK');
    this.#savepoint = database.prepare('SAVEPOINT command');
    this.#release = database.prepare('RELEASE command');
    this.#rollBackToSavepoint = database.prepare('ROLLBACK TO command');
    this.#applied = this.#loadApplied();
  }

  applied(): AppliedPoint {
    return this.#applied;
  }

  apply(entries: readonly Entry[], confState: ConfState): readonly Applied[] {
    const results = this.stage(entries, confState);
    this.publish();
    return results;
  }

  stage(entries: readonly Entry[], confState: ConfState): readonly Applied[] {
    const last = entries.at(-1);
    if (last === undefined) return [];
    return this.#guard(() => {
      if (!this.#isStaging) this.#begin.run();
      this.#isStaging = true;
      const results = entries.map((entry, at) => {
        assert(entry.index === this.#applied.index + 1 + at, `entry ${entry.index} is not the next one to apply`);
        this.#walBytes += entry.data.byteLength + commandOverheadBytes;
        return this.#applyEntry(entry);
      });
      this.#applied = { index: last.index, term: last.term, confState };
      return results;
    });
  }

  publish(): void {
    if (!this.#isStaging) return;
    this.#guard(() => {
      const { index, term, confState } = this.#applied;
      assert(confState !== null, 'what was staged came with a configuration');
      this.#sessions.flush();
      this.#writeApplied.run(index, term, this.#textOf(confState));
      this.#commit.run();
      this.#isStaging = false;
    });
  }

  maintain(): void {
    if (this.#isStaging || this.#walBytes < walBytesMax) return;
    this.#guard(() => checkpoint(this.#database));
    this.#walBytes = 0;
  }

  writeSnapshot(path: string): { readonly index: number; readonly term: number; readonly sizeBytes: number } {
    this.publish();
    const { index, term } = this.#applied;
    return this.#guard(() => ({ index, term, sizeBytes: writeSnapshotFile(this.#database, path) }));
  }

  /** Throws `StateCorruptError` for a snapshot that is damaged; the state is then as it was. */
  restoreSnapshot(path: string): void {
    assert(!this.#hasFailed, 'a state machine that failed is opened anew');
    this.publish();
    restoreSnapshotFile(this.#database, path);
    this.#guard(() => {
      this.#sessions.reload();
      this.#applied = this.#loadApplied();
      syncDatabase(this.#database, this.#durability);
    });
  }

  sync(): void {
    this.publish();
    this.#guard(() => syncDatabase(this.#database, this.#durability));
  }

  hash(): string {
    this.publish();
    return this.#guard(() => hashState(this.#database));
  }

  close(): void {
    try {
      if (!this.#hasFailed && this.#database.open) this.publish();
    } finally {
      this.#database.close();
    }
  }

  #applyEntry(entry: Entry): Applied {
    if (entry.kind !== 'normal') return { index: entry.index, answer: nothing, changes: nothing };
    const { session, sequence, command } = decodeProposal(entry.data);
    const known = this.#sessions.lookUp(session, sequence);
    switch (known.kind) {
      case 'answered':
        this.#sessions.touch(session, entry.index);
        return { index: entry.index, answer: known.answer, changes: nothing };
      case 'forgotten':
        this.#sessions.touch(session, entry.index);
        return { index: entry.index, answer: forgottenAnswer, changes: nothing };
      case 'new': {
        const { answer, changes } = this.#applyNew(command, entry.index);
        this.#sessions.remember(session, sequence, answer, entry.index);
        return { index: entry.index, answer, changes };
      }
    }
  }

  /** A refused command leaves nothing behind, whatever its rule had written by then. */
  #applyNew(command: Command, index: number): { answer: Uint8Array; changes: Uint8Array } {
    const mayHaveWritten = !refusedBeforeWriting.has(command.kind);
    if (mayHaveWritten) this.#savepoint.run();
    const outcome = applyCommand({ tables: this.#tables, index }, command);
    if (mayHaveWritten) {
      if (!outcome.ok) this.#rollBackToSavepoint.run();
      this.#release.run();
    }
    const changes = this.#tables.takeChanges();
    assert(outcome.ok || mayHaveWritten || changes.length === 0, `${command.kind} was refused after it had written`);
    return { answer: encodeOutcome(outcome), changes: outcome.ok ? encodeChanges(changes) : nothing };
  }

  /** It changes rarely, and is written with every transaction. */
  #textOf(confState: ConfState): string {
    if (this.#writtenConfState?.confState !== confState) {
      this.#writtenConfState = { confState, text: JSON.stringify(canonical(confState)) };
    }
    return this.#writtenConfState.text;
  }

  #loadApplied(): AppliedPoint {
    const [index, term, confState] = this.#readApplied.get() as [number, number, string | null];
    return { index, term, confState: confState === null ? null : (JSON.parse(confState) as ConfState) };
  }

  #guard<T>(work: () => T): T {
    assert(!this.#hasFailed, 'a state machine that failed is opened anew');
    try {
      return guardCorruption(this.#path, work);
    } catch (error) {
      this.#hasFailed = true;
      if (this.#database.inTransaction) this.#rollBack.run();
      throw error;
    }
  }
}

/** The same text on every node, whatever order the properties came in. */
function canonical({ voters, votersOutgoing, learners, learnersNext, autoLeave }: ConfState): ConfState {
  return { voters, votersOutgoing, learners, learnersNext, autoLeave };
}

const forgottenAnswer = encodeOutcome(
  refuse(
    'unavailable',
    'This command was sent so long ago that its answer is no longer kept. It was not applied again; read the state to see what it did.',
  ),
);
