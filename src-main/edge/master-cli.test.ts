import { expect, it } from 'vitest';
import { ok } from '#shared/base/result.ts';
import type { ContainerEngine, ExecSession } from '../ports/engine.ts';
import { ManualClock, settle } from './manual-clock.fixture.ts';
import { MasterCli } from './master-cli.ts';

/** A command that runs in a container, played by the test. */
class Played implements ExecSession {
  readonly written: string[] = [];
  isEnded = false;
  isKilled = false;
  readonly #chunks: (string | null)[] = [];
  #wake: () => void = () => undefined;
  readonly output: AsyncIterable<Uint8Array> = this.#read();
  readonly #leave: (exit: { exitCode: number }) => void;
  readonly exit: Promise<{ exitCode: number }>;

  constructor() {
    const exit = Promise.withResolvers<{ exitCode: number }>();
    this.exit = exit.promise;
    this.#leave = exit.resolve;
  }

  say(text: string): void {
    this.#chunks.push(text);
    this.#wake();
  }

  close(): void {
    this.#chunks.push(null);
    this.#leave({ exitCode: 0 });
    this.#wake();
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.written.push(Buffer.from(bytes).toString());
  }

  end(): void {
    this.isEnded = true;
  }

  async resize(): Promise<void> {
    throw new Error('it has no terminal');
  }

  dispose(): void {
    this.isKilled = true;
  }

  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk === null) return;
      if (chunk === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else yield Buffer.from(chunk);
    }
  }
}

async function open(): Promise<{ cli: MasterCli; played: Played; clock: ManualClock }> {
  const played = new Played();
  const clock = new ManualClock();
  const engine = { exec: async () => ok(played) } as Partial<ContainerEngine> as ContainerEngine;
  const opening = MasterCli.open(engine, 'id', clock);
  await settle();
  expect(played.written).toEqual(['prompt\n']);
  played.say('\nmaster> ');
  const cli = await opening;
  if (!cli.ok) throw new Error(cli.error.detail);
  return { cli: cli.value, played, clock };
}

it('asks several things at once and tells the answers apart, however they arrive', async () => {
  const { cli, played } = await open();
  const first = cli.ask(['show proc', '@1 show info']);
  const second = cli.ask(['@1 show stat']);
  expect(played.written.slice(1)).toEqual(['show proc\n@1 show info\n', '@1 show stat\n']);
  for (const chunk of ['#<PID>\n1861\n', '\nmas', 'ter> Name: HAProxy\nä', '\n\nmaster> # px', 'name\n\nmaster> ']) {
    played.say(chunk);
    await settle();
  }
  expect(await first).toEqual(ok(['#<PID>\n1861', 'Name: HAProxy\nä']));
  expect(await second).toEqual(ok(['# pxname']));
});

it('knows the prompt after a reload that failed', async () => {
  const { cli, played } = await open();
  const asked = cli.ask(['show proc']);
  played.say('1861\n\nmaster[ReloadFailed]> ');
  expect(await asked).toEqual(ok(['1861']));
});

it('refuses whoever waits when the session ends, and whoever comes later', async () => {
  const { cli, played } = await open();
  const asked = cli.ask(['reload']);
  played.close();
  expect(await asked).toMatchObject({ ok: false, error: { reason: 'refused' } });
  await cli.closed;
  expect(cli.isOpen).toBe(false);
  expect(await cli.ask(['show proc'])).toMatchObject({ ok: false });
});

it('gives up on a balancer that does not answer, and ends the command by force if it does not go', async () => {
  const { cli, played, clock } = await open();
  const asked = cli.ask(['show proc']);
  await clock.pass(5_000);
  expect(await asked).toMatchObject({ ok: false, error: { reason: 'timeout' } });
  expect(played.isEnded).toBe(true);
  expect(played.isKilled).toBe(false);
  await clock.pass(2_000);
  expect(played.isKilled).toBe(true);
});

it('leaves a command alone that goes when it is told to', async () => {
  const { cli, played, clock } = await open();
  cli.dispose();
  expect(played.isEnded).toBe(true);
  played.close();
  await cli.closed;
  await settle();
  expect(clock.waiting).toBe(0);
  await clock.pass(10_000);
  expect(played.isKilled).toBe(false);
});

it('is refused where nothing listens yet', async () => {
  const played = new Played();
  const engine = { exec: async () => ok(played) } as Partial<ContainerEngine> as ContainerEngine;
  const opening = MasterCli.open(engine, 'id', new ManualClock());
  await settle();
  played.say("nc: can't connect to remote host (127.0.0.2): Connection refused\n");
  played.close();
  expect(await opening).toMatchObject({ ok: false, error: { reason: 'refused' } });
});
