import { expect, it } from 'vitest';
import { ok } from '#shared/base/result.ts';
import type { ContainerEngine, EngineResult } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';
import { refuse } from './edge-refusal.ts';
import { KeptConfig } from './kept-config.ts';
import { ManualClock, settle } from './manual-clock.fixture.ts';

function setUp() {
  const clock = new ManualClock();
  const warnings: string[] = [];
  const puts: { text: string; answer: (result: EngineResult<null>) => void }[] = [];
  const engine = {
    putArchive: (_id: string, _path: string, tar: Uint8Array) =>
      new Promise<EngineResult<null>>((answer) => puts.push({ text: Buffer.from(tar).toString(), answer })),
  } as Partial<ContainerEngine> as ContainerEngine;
  const log = { warn: (message: string) => void warnings.push(message) } as Partial<Log> as Log;
  const kept = new KeptConfig({ engine, clock, log });
  return {
    clock,
    warnings,
    puts,
    kept,
    put: (text: string) => kept.put({ containerId: 'id', archive: Buffer.from(text) }),
  };
}

it('writes what was asked for last, a moment later, one after the other and nothing twice', async () => {
  const { clock, puts, put } = setUp();
  put('one');
  put('two');
  await settle();
  expect(puts).toHaveLength(0);
  await clock.pass(2_000);
  expect(puts.map(({ text }) => text)).toEqual(['two']);
  put('three');
  put('four');
  await clock.pass(10_000);
  expect(puts).toHaveLength(1);
  puts[0]?.answer(ok(null));
  await settle();
  await clock.pass(2_000);
  expect(puts.map(({ text }) => text)).toEqual(['two', 'four']);
  puts[1]?.answer(ok(null));
  await settle();
  put('four');
  await clock.pass(10_000);
  expect(puts).toHaveLength(2);
  expect(clock.waiting).toBe(0);
});

it('waits for a pause in a quick succession of changes, but not for ever', async () => {
  const { clock, puts, put } = setUp();
  for (let change = 1; change <= 6; change += 1) {
    expect(puts).toHaveLength(0);
    put(`change ${change}`);
    await clock.pass(1_000);
  }
  expect(puts.map(({ text }) => text)).toEqual(['change 6']);
  puts[0]?.answer(ok(null));
  await settle();
  put('one more');
  put('one more');
  await clock.pass(2_000);
  expect(puts.map(({ text }) => text)).toEqual(['change 6', 'one more']);
});

it('tries again until it is there, and says once that it does', async () => {
  const { clock, warnings, puts, put } = setUp();
  put('one');
  await clock.pass(2_000);
  for (let failures = 0; failures < 3; failures += 1) {
    puts.at(-1)?.answer(refuse('unreachable', 'no engine'));
    await settle();
    await clock.pass(1_000);
  }
  expect(puts.map(({ text }) => text)).toEqual(['one', 'one', 'one', 'one']);
  expect(warnings).toHaveLength(1);
  puts.at(-1)?.answer(ok(null));
  await settle();
  expect(clock.waiting).toBe(0);
});

it('stops without writing what waits, and goes on with the next', async () => {
  const { clock, puts, kept, put } = setUp();
  put('one');
  await kept.stop();
  await clock.pass(10_000);
  expect(puts).toHaveLength(0);
  put('two');
  await clock.pass(2_000);
  let hasStopped = false;
  void kept.stop().then(() => (hasStopped = true));
  await settle();
  expect(hasStopped).toBe(false);
  puts[0]?.answer(ok(null));
  await settle();
  expect(hasStopped).toBe(true);
  put('three');
  await clock.pass(2_000);
  expect(puts.map(({ text }) => text)).toEqual(['two', 'three']);
});

it('ends with the container, and begins nothing after it was disposed', async () => {
  const { clock, puts, kept, put } = setUp();
  put('one');
  await clock.pass(2_000);
  puts[0]?.answer(refuse('no-such-container', 'gone'));
  await settle();
  expect(clock.waiting).toBe(0);
  put('two');
  kept.dispose();
  put('three');
  await clock.pass(10_000);
  expect(puts).toHaveLength(1);
});

it('writes again what was overwritten', async () => {
  const { clock, puts, kept, put } = setUp();
  kept.note({ containerId: 'id', archive: Buffer.from('one') });
  put('one');
  await clock.pass(10_000);
  expect(puts).toHaveLength(0);
  kept.note(null);
  put('one');
  await clock.pass(2_000);
  expect(puts).toHaveLength(1);
});
