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

it('writes what was asked for last, one after the other with a rest between, and nothing twice', async () => {
  const { clock, puts, kept, put } = setUp();
  put('one');
  put('two');
  put('three');
  let isIdle = false;
  void kept.idle().then(() => (isIdle = true));
  await settle();
  expect(puts.map(({ text }) => text)).toEqual(['one']);
  puts[0]?.answer(ok(null));
  await settle();
  expect(puts).toHaveLength(1);
  await clock.pass(1_000);
  expect(puts.map(({ text }) => text)).toEqual(['one', 'three']);
  puts[1]?.answer(ok(null));
  await settle();
  expect(isIdle).toBe(false);
  await clock.pass(1_000);
  expect(isIdle).toBe(true);
  put('three');
  await settle();
  expect(puts).toHaveLength(2);
});

it('tries again until it is there, and says once that it does', async () => {
  const { clock, warnings, puts, put } = setUp();
  put('one');
  await settle();
  for (let failures = 0; failures < 3; failures += 1) {
    puts.at(-1)?.answer(refuse('unreachable', 'no engine'));
    await settle();
    await clock.pass(1_000);
  }
  expect(puts.map(({ text }) => text)).toEqual(['one', 'one', 'one', 'one']);
  expect(warnings).toHaveLength(1);
  puts.at(-1)?.answer(ok(null));
  await settle();
  await clock.pass(1_000);
  expect(puts).toHaveLength(4);
  expect(clock.waiting).toBe(0);
});

it('ends with the container, and begins nothing after it was disposed', async () => {
  const { clock, puts, kept, put } = setUp();
  put('one');
  await settle();
  puts[0]?.answer(refuse('no-such-container', 'gone'));
  await kept.idle();
  expect(clock.waiting).toBe(0);
  kept.dispose();
  put('two');
  await kept.idle();
  expect(puts).toHaveLength(1);
});

it('writes again what was overwritten', async () => {
  const { puts, kept, put } = setUp();
  kept.note({ containerId: 'id', archive: Buffer.from('one') });
  put('one');
  await kept.idle();
  expect(puts).toHaveLength(0);
  kept.note(null);
  put('one');
  await settle();
  expect(puts).toHaveLength(1);
});
