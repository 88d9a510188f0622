import { join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkpointSchema, rollbackSchema } from '#shared/model/checkpoint.ts';
import { migrate, schemaVersion } from './schema.ts';
import { ServiceFixture, serviceSpec } from './service.fixture.ts';
import { checkpointId, commit, main, projectId, rollbackId } from './state.fixture.ts';

let state: ServiceFixture;
beforeEach(() => {
  state = new ServiceFixture().begin('a', 'b');
  const { number } = state.merged('a');
  state.accept({
    kind: 'rollback.begin',
    rollbackId: rollbackId(1),
    projectId,
    checkpointId: checkpointId(number),
    entryId: checkpointId(90),
    branch: main,
    beforeCommit: commit(2),
    afterCommit: commit(3),
    undoneCheckpoints: [],
    taskIds: [],
    services: [],
  });
});
afterEach(() => state.dispose());

/** Takes what version 2 added away again: the file is as a Gantry without services left it. */
function makeVersionOne(path: string): void {
  const database = new SqliteDatabase(path);
  const added = [
    'service',
    'revision',
    'rollout',
    'secret',
    'config',
    'volume',
    'serviceHost',
    'preview',
    'usedNumber',
  ];
  for (const table of added) database.exec(`DROP TABLE ${table}`);
  for (const column of ['serviceId', 'rolloutId', 'revisions']) {
    database.exec(`ALTER TABLE checkpoint DROP COLUMN ${column}`);
  }
  database.exec('ALTER TABLE rollback DROP COLUMN services');
  makeTaskStates(database);
  database.exec('DELETE FROM schemaMigration WHERE version > 1');
  database.close();
}

/** Takes what version 3 changed back: each checkpoint names every task with its state. */
function makeTaskStates(database: Database): void {
  database.exec(`ALTER TABLE checkpoint ADD COLUMN taskStates TEXT NOT NULL DEFAULT '{}'`);
  const keys = new Map(
    database.prepare('SELECT "order", key FROM task').raw().all() as (readonly [place: number, key: string])[],
  );
  const put = database.prepare('UPDATE checkpoint SET taskStates = ? WHERE id = ?');
  for (const [id, text] of database.prepare('SELECT id, tasksByState FROM checkpoint').raw().all() as string[][]) {
    const states: [key: string | undefined, state: string][] = [];
    for (const [state, ranges] of Object.entries(JSON.parse(text ?? '{}') as Record<string, string>)) {
      for (const range of ranges.split(',')) {
        const [first = 0, last = first] = range.split('-').map(Number);
        for (let place = first; place <= last; place += 1) states.push([keys.get(place), state]);
      }
    }
    put.run(JSON.stringify(Object.fromEntries(states)), id);
  }
  database.exec('ALTER TABLE checkpoint DROP COLUMN tasksByState');
}

describe('a state of before there were services', () => {
  it('is brought up to date when it is opened, and reads well', () => {
    const before = state.everything();
    const hash = state.machine.hash();
    state.read.close();
    state.machine.close();
    makeVersionOne(state.path);
    state.reopen();
    expect(state.everything()).toEqual(before);
    expect(state.machine.hash()).toBe(hash);
    for (const checkpoint of state.read.checkpoints(projectId)) {
      expect(checkpointSchema.strict().parse(checkpoint)).toMatchObject({
        serviceId: null,
        rolloutId: null,
        revisions: {},
      });
    }
    for (const rollback of state.read.rollbacks(projectId)) {
      expect(rollbackSchema.strict().parse(rollback)).toMatchObject({ services: [] });
    }
    state.serve(serviceSpec('api'), { checkpoint: state.checkpoint(5) });
  });

  it('is brought up to date when it comes as a snapshot, which is left as it was', () => {
    const hash = state.machine.hash();
    const file = join(state.folder, 'snapshot');
    state.machine.writeSnapshot(file);
    makeVersionOne(file);
    state.serve(serviceSpec('api'));
    expect(state.machine.hash()).not.toBe(hash);
    state.machine.restoreSnapshot(file);
    expect(state.machine.hash()).toBe(hash);
    const snapshot = new SqliteDatabase(file, { readonly: true });
    expect(snapshot.prepare('SELECT max(version) FROM schemaMigration').pluck().get()).toBe(1);
    snapshot.close();
    expect(state.read.services(projectId)).toEqual([]);
  });
});

describe('a snapshot of a newer Gantry', () => {
  it('is refused, and the state kept', () => {
    const hash = state.machine.hash();
    const file = join(state.folder, 'snapshot');
    state.machine.writeSnapshot(file);
    const snapshot = new SqliteDatabase(file);
    snapshot.prepare("INSERT INTO schemaMigration VALUES (999, 'from tomorrow')").run();
    snapshot.close();
    expect(() => state.machine.restoreSnapshot(file)).toThrow('version 999');
    expect(state.machine.hash()).toBe(hash);
  });
});

describe('migrate', () => {
  it('does nothing to tables that are up to date', () => {
    const database = new SqliteDatabase(join(state.folder, 'new.db'));
    migrate(database);
    const tables = () => database.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all();
    const before = tables();
    migrate(database);
    expect(tables()).toEqual(before);
    expect(database.prepare('SELECT count(*) FROM schemaMigration').pluck().get()).toBe(schemaVersion);
    database.close();
  });
});
