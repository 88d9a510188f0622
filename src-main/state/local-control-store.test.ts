import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeSet } from './control-store.ts';
import { type LocalControlStore, localControlStore } from './local-control-store.ts';

let folder: string;
let store: LocalControlStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-local-'));
  store = localControlStore(join(folder, 'state.db'));
});
afterEach(() => {
  store.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const put = (key: string, value: string) => ({ kind: 'setting.put', atMs: 1, key, value }) as const;

describe('the local control store', () => {
  it('answers, reads what it answered, and announces it', async () => {
    const seen: ChangeSet[] = [];
    store.onDidChange((changes) => {
      expect(store.read.appliedIndex()).toBeGreaterThanOrEqual(changes.index);
      seen.push(changes);
    });
    expect(await store.propose<'setting.put'>(put('a', '1'))).toEqual({ ok: true, value: null });
    expect(store.read.setting('a')).toBe('1');
    const refused = await store.propose<'task.cancel'>({ kind: 'task.cancel', atMs: 1, taskId: 'x:y' as never });
    expect(refused).toMatchObject({ ok: false, error: { code: 'not-found' } });
    await store.barrier();
    expect(seen).toEqual([
      { index: 1, changes: [{ table: 'setting', id: 'a', projectId: null }] },
      { index: 2, changes: [] },
    ]);
  });

  it('gives every listener one index after the other, also when a listener proposes', async () => {
    const seen: number[] = [];
    const nested: Promise<unknown>[] = [];
    store.onDidChange(({ index }) => {
      if (index < 3) nested.push(store.propose<'setting.put'>(put('n', `${index}`)));
    });
    store.onDidChange(({ index }) => seen.push(index));
    await store.propose<'setting.put'>(put('a', '1'));
    await Promise.all(nested);
    expect(seen).toEqual([1, 2, 3]);
  });

  it('keeps everything over a restart and counts on', async () => {
    await store.propose<'setting.put'>(put('a', '1'));
    store.dispose();
    store.dispose();
    store = localControlStore(join(folder, 'state.db'));
    expect(store.read.setting('a')).toBe('1');
    await store.propose<'setting.put'>(put('a', '2'));
    expect(store.read.setting('a')).toBe('2');
    expect(store.read.appliedIndex()).toBe(2);
  });
});
