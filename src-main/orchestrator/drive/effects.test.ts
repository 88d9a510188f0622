import { afterEach, beforeEach, expect, it } from 'vitest';
import { ManualClock, settle } from '../../edge/manual-clock.fixture.ts';
import { Effects } from './effects.ts';

let clock: ManualClock;
let ended: number;
let failed: string[];
let effects: Effects;

beforeEach(() => {
  clock = new ManualClock();
  ended = 0;
  failed = [];
  effects = new Effects({
    clock,
    onEnd: () => (ended += 1),
    onFailure: (key, error) => failed.push(`${key}: ${(error as Error).message}`),
  });
});

afterEach(() => {
  effects.dispose();
  expect(clock.waiting).toBe(0);
});

const failing = (): Promise<void> => Promise.reject(new Error('no answer'));

it('begins nothing that is under way, and says when it has ended', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  expect(effects.begin('stop a', () => promise)).toBe(true);
  expect(effects.begin('stop a', () => promise)).toBe(false);
  expect(effects.begin('stop b', () => Promise.resolve())).toBe(true);
  await settle();
  expect([ended, effects.count('stop ')]).toEqual([1, 1]);
  resolve();
  await settle();
  expect([ended, effects.count('stop ')]).toEqual([2, 0]);
  expect(effects.begin('stop a', () => Promise.resolve())).toBe(true);
  await effects.idle();
});

it('waits after a failure, longer each time, and says when it may be tried again', async () => {
  for (const waitMs of [250, 500, 1_000]) {
    expect(effects.begin('stop a', failing)).toBe(true);
    await settle();
    const before = ended;
    expect(effects.begin('stop a', failing)).toBe(false);
    expect(effects.begin('stop b', () => Promise.resolve())).toBe(true);
    await settle();
    expect(ended).toBe(before + 1);
    await clock.pass(waitMs - 1);
    expect(effects.begin('stop a', failing)).toBe(false);
    await clock.pass(1);
    expect(ended).toBe(before + 2);
  }
  expect(failed).toEqual(Array(3).fill('stop a: no answer'));
});

it('waits no longer than ten seconds, and forgets what nobody tries any more', async () => {
  for (let failures = 0; failures < 12; failures += 1) {
    expect(effects.begin('stop a', failing)).toBe(true);
    await settle();
    await clock.pass(10_000);
  }
  await clock.pass(20_000);
  expect(clock.waiting).toBe(0);
  effects.begin('stop a', failing);
  await settle();
  await clock.pass(250);
  expect(effects.begin('stop a', () => Promise.resolve())).toBe(true);
  await settle();
});

it('begins afresh after a success', async () => {
  effects.begin('stop a', failing);
  await settle();
  await clock.pass(250);
  effects.begin('stop a', () => Promise.resolve());
  await settle();
  effects.begin('stop a', failing);
  await settle();
  await clock.pass(250);
  expect(effects.begin('stop a', failing)).toBe(true);
  await settle();
});

it('holds nothing once it is disposed', async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  effects.begin('stop a', () => promise);
  effects.dispose();
  reject(new Error('too late'));
  await settle();
  expect(clock.waiting).toBe(0);
});
