import { beforeEach, describe, expect, it } from 'vitest';
import { type ErrorCode, GantryError } from '#shared/contract/error.ts';
import { ManualClock } from '../../raft/host/manual-clock.fixture.ts';
import type { ControlStore } from '../../state/control-store.ts';
import { RefusedWrites } from './refused-writes.ts';

let clock: ManualClock;
let refusal: GantryError | null;
let writes: RefusedWrites;
let changes: number;

beforeEach(() => {
  clock = new ManualClock();
  refusal = null;
  changes = 0;
  const store = {
    propose: () => (refusal ? Promise.reject(refusal) : Promise.resolve({ ok: true, value: null })),
  } as unknown as ControlStore;
  writes = new RefusedWrites(store, clock);
  writes.onDidChange(() => {
    changes += 1;
  });
});

const put = () => writes.store.propose<'setting.put'>({ kind: 'setting.put', key: 'k', value: 'v', atMs: 1 });

async function refused(code: ErrorCode, message = 'No room.'): Promise<void> {
  refusal = new GantryError(code, message);
  await expect(put()).rejects.toBe(refusal);
}

describe('a store that takes nothing', () => {
  it('has a problem until a write goes through; each change is announced once', async () => {
    expect(await put()).toEqual({ ok: true, value: null });
    expect([writes.problem(), changes]).toEqual([null, 0]);
    await refused('disk-full');
    await refused('disk-full');
    expect([writes.problem(), changes]).toEqual(['No room.', 1]);
    await refused('disk-full', 'Still none.');
    expect([writes.problem(), changes]).toEqual(['Still none.', 2]);
    refusal = null;
    await put();
    expect([writes.problem(), changes]).toEqual([null, 3]);
  });

  it('has none any more when nobody met it for a while', async () => {
    await refused('no-leader');
    clock.advance(14_999);
    expect(writes.problem()).toBe('No room.');
    clock.advance(1);
    expect(writes.problem()).toBeNull();
  });

  it('has none because one command could not be done', async () => {
    await refused('wrong-state');
    expect([writes.problem(), changes]).toEqual([null, 0]);
  });
});
