import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../raft/core/message.ts';
import { decodeChanges, encodeProposal } from './proposal.ts';
import { StateCorruptError } from './state-corrupt-error.ts';
import { oneNode, projectId, StateFixture, taskId, taskSpec } from './state.fixture.ts';
import { openStateMachine } from './state-machine.ts';

let state: StateFixture;
beforeEach(() => {
  state = new StateFixture();
});
afterEach(() => state.dispose());

const setting = (index: number, key: string, value: string): Entry => ({
  index,
  term: 3,
  kind: 'normal',
  data: encodeProposal({ session: 's', sequence: index, command: { kind: 'setting.put', atMs: 1, key, value } }),
});

describe('apply', () => {
  it('starts at nothing and keeps index, term and configuration with the state', () => {
    expect(state.machine.applied()).toEqual({ index: 0, term: 0, confState: null });
    const empty: Entry = { index: 1, term: 2, kind: 'empty', data: new Uint8Array(0) };
    const [first, second] = state.machine.apply([empty, setting(2, 'theme', 'dark')], oneNode);
    expect(first).toMatchObject({ index: 1, answer: new Uint8Array(0), changes: new Uint8Array(0) });
    expect(decodeChanges(second?.changes ?? new Uint8Array(0))).toEqual([
      { table: 'setting', id: 'theme', projectId: null },
    ]);
    expect(state.machine.apply([], oneNode)).toEqual([]);
    state.reopen();
    expect(state.machine.applied()).toEqual({ index: 2, term: 3, confState: oneNode });
    expect(state.read.appliedIndex()).toBe(2);
    expect(state.read.setting('theme')).toBe('dark');
  });

  it('names each row that a command touched once', () => {
    state.begin();
    const { applied } = state.applyAs('x', 1, {
      kind: 'task.add',
      projectId,
      tasks: [taskSpec('a'), taskSpec('b')],
    });
    expect(decodeChanges(applied.changes)).toEqual([
      { table: 'task', id: taskId('a'), projectId },
      { table: 'task', id: taskId('b'), projectId },
    ]);
  });

  it('is all or nothing: an entry that cannot be applied stops the machine before its batch', () => {
    const unknown: Entry = { ...setting(2, '', ''), data: Buffer.from('[1,"s",2,{"kind":"from.tomorrow","atMs":1}]') };
    expect(() => state.machine.apply([setting(1, 'a', '1'), unknown], oneNode)).toThrow('from.tomorrow');
    expect(() => state.machine.apply([setting(1, 'a', '1')], oneNode)).toThrow('opened anew');
    expect(state.read.setting('a')).toBeNull();
    state.reopen();
    expect(state.machine.applied().index).toBe(0);
    state.machine.apply([setting(1, 'a', '1')], oneNode);
    expect(state.read.setting('a')).toBe('1');
  });

  it('takes no entry twice and leaves none out', () => {
    state.machine.apply([setting(1, 'a', '1')], oneNode);
    expect(() => state.machine.apply([setting(1, 'a', '1')], oneNode)).toThrow('not the next one');
    state.reopen();
    expect(() => state.machine.apply([setting(3, 'a', '1')], oneNode)).toThrow('not the next one');
  });
});

describe('sync', () => {
  it('leaves the state as it was, with and without a reader in the way', () => {
    state.begin('a');
    const hash = state.machine.hash();
    state.machine.sync();
    const reader = new SqliteDatabase(state.path, { readonly: true });
    try {
      const rows = reader.prepare('SELECT * FROM task').iterate();
      rows.next();
      state.accept({ kind: 'setting.put', key: 'a', value: '1' });
      state.machine.sync();
      rows.return?.();
    } finally {
      reader.close();
    }
    expect(state.machine.hash()).not.toBe(hash);
  });
});

describe('a snapshot', () => {
  it('restores to an equal hash, sessions included', () => {
    state.begin('a', 'b', 'c').merged('a');
    state.submitted('b');
    const file = join(state.folder, 'snapshot');
    const taken = state.machine.writeSnapshot(file);
    expect(taken).toEqual({ index: state.machine.applied().index, term: 1, sizeBytes: statSync(file).size });
    expect(existsSync(`${file}.partial`)).toBe(false);

    const other = new StateFixture().begin('x');
    try {
      other.machine.restoreSnapshot(file);
      expect(other.machine.hash()).toBe(state.machine.hash());
      expect(other.machine.applied()).toEqual(state.machine.applied());
      expect(other.everything()).toEqual(state.everything());
      const retried = other.applyAs('client', 1, { kind: 'setting.put', key: 'a', value: 'b' });
      expect(retried.applied.changes).toHaveLength(0);
      state.applyAs('client', 1, { kind: 'setting.put', key: 'a', value: 'b' });
      expect(other.machine.hash()).toBe(state.machine.hash());
    } finally {
      other.dispose();
    }
  });

  it('that is damaged, foreign or missing is refused, and the state kept', () => {
    state.begin('a');
    const hash = state.machine.hash();
    const file = join(state.folder, 'snapshot');
    expect(() => state.machine.restoreSnapshot(file)).toThrow('ENOENT');
    writeFileSync(file, 'not a database, but long enough to be looked at'.repeat(100));
    expect(() => state.machine.restoreSnapshot(file)).toThrow(StateCorruptError);
    const foreign = join(state.folder, 'foreign');
    new SqliteDatabase(foreign).exec('CREATE TABLE x (y)').close();
    expect(() => state.machine.restoreSnapshot(foreign)).toThrow('not a snapshot');
    expect(state.machine.hash()).toBe(hash);
    state.accept({ kind: 'setting.put', key: 'a', value: '1' });
  });

  it('shows readers in other threads the old state or the new one', async () => {
    const count = 2_000;
    const values = (value: string) =>
      Array.from({ length: count }, (_, at) => setting(state.machine.applied().index + 1 + at, `k${at}`, value));
    state.machine.apply(values('old'), oneNode);
    const oldFile = join(state.folder, 'old');
    state.machine.writeSnapshot(oldFile);
    state.machine.apply(values('new'), oneNode);
    const newFile = join(state.folder, 'new');
    state.machine.writeSnapshot(newFile);

    const reader = new Worker(new URL('./restore-reader.fixture.ts', import.meta.url), { workerData: state.path });
    try {
      const [ready] = (await once(reader, 'message')) as [unknown];
      expect(ready).toBe('ready');
      for (let round = 0; round < 20; round += 1) {
        state.machine.restoreSnapshot(round % 2 === 0 ? oldFile : newFile);
      }
      reader.postMessage('stop');
      const [seen] = (await once(reader, 'message')) as [{ reads: number; torn: string[] }];
      expect(seen.torn).toEqual([]);
      expect(seen.reads).toBeGreaterThan(0);
    } finally {
      await reader.terminate();
    }
    expect(state.read.setting('k7')).toBe('new');
  });
});

describe('a damaged state.db', () => {
  it('is a StateCorruptError that names the file', () => {
    state.begin(...Array.from({ length: 300 }, (_, at) => `task-${at}`));
    state.machine.sync();
    state.read.close();
    state.machine.close();
    const file = openSync(state.path, 'r+');
    const sizeBytes = statSync(state.path).size;
    const junk = Buffer.alloc(4_096, 0xa5);
    for (let at = 4_096; at < sizeBytes; at += 4_096) writeSync(file, junk, 0, junk.length, at);
    closeSync(file);
    const damaged = readFileSync(state.path);
    expect(() => openStateMachine(state.path)).toThrow(StateCorruptError);
    expect(() => openStateMachine(state.path)).toThrow(state.path);
    expect(readFileSync(state.path)).toEqual(damaged);

    writeFileSync(state.path, 'this is no database at all, whatever its name says'.repeat(50));
    expect(() => openStateMachine(state.path)).toThrow(StateCorruptError);
  });

  it('is one written by a newer Gantry, too', () => {
    const database = new SqliteDatabase(state.path);
    database.prepare("INSERT INTO schemaMigration VALUES (999, 'from tomorrow')").run();
    database.close();
    expect(() => openStateMachine(state.path)).toThrow('version 999');
  });
});

describe('durability', () => {
  it.each(['log', 'state'] as const)('%s: after a sync the file stands without its write-ahead log', (durability) => {
    const path = join(state.folder, durability);
    const machine = openStateMachine(path, { durability });
    try {
      machine.apply([setting(1, 'a', '1')], oneNode);
      machine.sync();
      machine.apply([setting(2, 'a', '2')], oneNode);
      machine.sync();
      copyFileSync(path, `${path}-alone`);
      const alone = openStateMachine(`${path}-alone`);
      expect(alone.hash()).toBe(machine.hash());
      alone.close();
    } finally {
      machine.close();
    }
  });
});
