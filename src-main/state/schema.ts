/**
 * The tables of `state.db`. Columns carry the model's own names; what has parts is JSON.
 * Generated columns exist for indexes only and are not part of the state.
 */
import type { Database } from 'better-sqlite3';
import { type Migration, serviceTables } from './service-schema.ts';
import { StateCorruptError } from './state-corrupt-error.ts';

/** Applied in order, each once. What has been released is never edited. */
const migrations: readonly Migration[] = [
  {
    version: 1,
    name: 'first tables',
    sql: `
      CREATE TABLE applied (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        logIndex INTEGER NOT NULL,
        term INTEGER NOT NULL,
        confState TEXT
      ) STRICT;
      INSERT INTO applied VALUES (1, 0, 0, NULL);

      CREATE TABLE session (
        id TEXT PRIMARY KEY,
        highestSequence INTEGER NOT NULL,
        usedIndex INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE sessionAnswer (
        sessionId TEXT NOT NULL,
        slot INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        answer BLOB NOT NULL,
        PRIMARY KEY (sessionId, slot)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

      CREATE TABLE project (
        id TEXT PRIMARY KEY,
        path TEXT NOT NULL,
        name TEXT NOT NULL,
        targetBranch TEXT NOT NULL,
        gates TEXT NOT NULL,
        autoMerge INTEGER NOT NULL,
        autoMergePausedBecause TEXT,
        attemptsMax INTEGER NOT NULL,
        reworksMax INTEGER NOT NULL,
        leaseMs INTEGER NOT NULL,
        stallMs INTEGER NOT NULL,
        isDemo INTEGER NOT NULL,
        openedAtMs INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE fleet (
        projectId TEXT NOT NULL,
        agent TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (projectId, agent)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE task (
        id TEXT PRIMARY KEY,
        projectId TEXT NOT NULL,
        "order" INTEGER NOT NULL,
        key TEXT NOT NULL,
        title TEXT NOT NULL,
        prompt TEXT NOT NULL,
        dependsOn TEXT NOT NULL,
        priority INTEGER NOT NULL,
        phase TEXT NOT NULL,
        paths TEXT NOT NULL,
        agent TEXT,
        gate TEXT,
        attempts INTEGER NOT NULL,
        status TEXT NOT NULL,
        createdAtMs INTEGER NOT NULL,
        state TEXT GENERATED ALWAYS AS (status ->> 'state') VIRTUAL
      ) STRICT;
      CREATE UNIQUE INDEX taskByOrder ON task (projectId, "order");
      CREATE INDEX taskByState ON task (projectId, state, "order");

      CREATE TABLE lane (
        id TEXT PRIMARY KEY,
        projectId TEXT NOT NULL,
        number INTEGER NOT NULL,
        agent TEXT NOT NULL,
        stage TEXT NOT NULL,
        taskId TEXT,
        token INTEGER,
        workspace TEXT,
        runId TEXT,
        reworks INTEGER NOT NULL,
        reworkReason TEXT,
        headCommit TEXT,
        changes TEXT,
        usage TEXT,
        summary TEXT,
        openedAtMs INTEGER NOT NULL,
        startedAtMs INTEGER,
        endedAtMs INTEGER,
        "end" TEXT
      ) STRICT;
      CREATE UNIQUE INDEX laneByNumber ON lane (projectId, number);
      CREATE INDEX laneLive ON lane (projectId, number) WHERE stage <> 'ended';
      CREATE INDEX laneEnded ON lane (projectId, number) WHERE stage = 'ended';

      CREATE TABLE merge (
        id TEXT PRIMARY KEY,
        projectId TEXT NOT NULL,
        taskId TEXT NOT NULL,
        laneId TEXT NOT NULL,
        token INTEGER NOT NULL,
        headCommit TEXT NOT NULL,
        stage TEXT NOT NULL,
        approved INTEGER NOT NULL,
        branch TEXT,
        targetCommit TEXT,
        mergeCommit TEXT,
        checkpointId TEXT,
        gates TEXT NOT NULL,
        rejection TEXT,
        queuedIndex INTEGER NOT NULL,
        queuedAtMs INTEGER NOT NULL,
        endedAtMs INTEGER
      ) STRICT;
      CREATE UNIQUE INDEX mergeByArrival ON merge (projectId, queuedIndex);
      CREATE INDEX mergeOpen ON merge (projectId, queuedIndex) WHERE stage IN ('queued', 'gating', 'landing');
      CREATE INDEX mergeByLane ON merge (laneId, queuedIndex);

      CREATE TABLE checkpoint (
        id TEXT PRIMARY KEY,
        projectId TEXT NOT NULL,
        number INTEGER NOT NULL,
        kind TEXT NOT NULL,
        label TEXT NOT NULL,
        branch TEXT NOT NULL,
        beforeCommit TEXT NOT NULL,
        afterCommit TEXT,
        taskId TEXT,
        laneId TEXT,
        rollbackId TEXT,
        changes TEXT,
        taskStates TEXT NOT NULL,
        undoneBy TEXT,
        atMs INTEGER NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX checkpointByNumber ON checkpoint (projectId, number);

      CREATE TABLE rollback (
        id TEXT PRIMARY KEY,
        projectId TEXT NOT NULL,
        number INTEGER NOT NULL,
        checkpointId TEXT NOT NULL,
        stage TEXT NOT NULL,
        branch TEXT NOT NULL,
        beforeCommit TEXT NOT NULL,
        afterCommit TEXT,
        taskIds TEXT NOT NULL,
        detail TEXT,
        startedAtMs INTEGER NOT NULL,
        endedAtMs INTEGER,
        undo TEXT,
        entryId TEXT NOT NULL,
        undoneCheckpoints TEXT NOT NULL,
        reopened TEXT NOT NULL,
        pausedAutoMerge INTEGER NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX rollbackByNumber ON rollback (projectId, number);
    `,
  },
  serviceTables,
  {
    version: 3,
    name: 'tasks of a checkpoint by state',
    sql: `
      ALTER TABLE checkpoint ADD COLUMN tasksByState TEXT NOT NULL DEFAULT '{}';
      UPDATE checkpoint SET tasksByState = (
        SELECT json_group_object(state, places) FROM (
          SELECT state, group_concat(iif(first = last, first, first || '-' || last), ',' ORDER BY first) AS places
          FROM (
            SELECT state, min(place) AS first, max(place) AS last FROM (
              SELECT
                each.value AS state,
                task."order" AS place,
                task."order" - row_number() OVER (PARTITION BY each.value ORDER BY task."order") AS island
              FROM json_each(checkpoint.taskStates) AS each
              JOIN task ON task.projectId = checkpoint.projectId AND task.key = each.key
            ) GROUP BY state, island
          ) GROUP BY state
        )
      );
      ALTER TABLE checkpoint DROP COLUMN taskStates;
    `,
  },
];

/** The version that this program reads and writes. */
export const schemaVersion = Math.max(...migrations.map((migration) => migration.version));

/**
 * Brings the tables to `schemaVersion`, each migration in one transaction with its record.
 * Throws `StateCorruptError` when the file was written by a newer version.
 */
export function migrate(database: Database): void {
  database.exec('CREATE TABLE IF NOT EXISTS schemaMigration (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT');
  const current = schemaVersionOf(database, 'main');
  if (current > schemaVersion) {
    throw new StateCorruptError(
      database.name,
      `its tables are of version ${current}, this Gantry knows version ${schemaVersion} and older`,
    );
  }
  const record = database.prepare('INSERT INTO schemaMigration VALUES (?, ?)');
  for (const migration of migrations) {
    if (migration.version <= current) continue;
    database
      .transaction(() => {
        database.exec(migration.sql);
        record.run(migration.version, migration.name);
      })
      .immediate();
  }
}

/** The version of the tables in one attached database; 0 when none was recorded. */
export function schemaVersionOf(database: Database, attachedAs: 'main' | 'snapshot'): number {
  const version = database.prepare(`SELECT max(version) FROM ${attachedAs}.schemaMigration`).pluck().get();
  return typeof version === 'number' ? version : 0;
}

/** A table and the columns that are state, in declared order; generated ones are left out. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
  readonly keyColumns: readonly string[];
}

/** All tables, by name in binary order. */
export function tableShapes(database: Database): TableShape[] {
  const names = database
    .prepare(
      `SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
    )
    .pluck()
    .all() as string[];
  return names.map((name) => {
    const columns = database.prepare('SELECT name, pk FROM pragma_table_info(?) ORDER BY cid').all(name) as {
      name: string;
      pk: number;
    }[];
    return {
      name,
      columns: columns.map((column) => column.name),
      keyColumns: columns
        .filter((column) => column.pk > 0)
        .toSorted((left, right) => left.pk - right.pk)
        .map((column) => column.name),
    };
  });
}
