import { afterEach, describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame } from './codec.ts';
import { inProject, ofTask } from './conformance-bench.ts';
import { type ConnectedContractClient, createContractClient } from './connect-client.ts';
import { GantryError } from './error.ts';
import { ManualTimers } from './manual-timers.fixture.ts';
import type { Port } from './port.ts';
import { createPortPair } from './port-pair.ts';
import { contractVersion, gantryVersion } from './version.ts';
import { type ClientFrame, clientFrameSchema, type HostFrame } from './wire.ts';

/** A host that says only what the test tells it to. */
class ScriptedHost {
  readonly heard: ClientFrame[] = [];
  readonly port: Port;

  constructor(port: Port) {
    this.port = port;
    port.onMessage((bytes) => {
      const decoded = decodeFrame(clientFrameSchema, bytes);
      if (!decoded.ok) throw new Error(decoded.error);
      this.heard.push(decoded.value);
    });
  }

  say(frame: HostFrame): void {
    this.port.send(encodeFrame(frame));
  }

  async hears(type: ClientFrame['type']): Promise<ClientFrame> {
    await expect.poll(() => this.heard.some((frame) => frame.type === type)).toBe(true);
    return this.heard.find((frame) => frame.type === type) as ClientFrame;
  }

  async welcome(): Promise<void> {
    await this.hears('hello');
    this.say({ type: 'welcome', contractVersion, gantryVersion });
  }
}

describe('createContractClient', () => {
  const timers = new ManualTimers();
  let client: ConnectedContractClient;
  let hosts: ScriptedHost[];

  const start = (): void => {
    hosts = [];
    client = createContractClient(
      async () => {
        const { near, far } = createPortPair();
        hosts.push(new ScriptedHost(far));
        return near;
      },
      { timers, callTimeoutMs: 5_000, pingAfterMs: 1_000, backoffMs: (attempt) => attempt * 100 },
    );
  };
  const host = async (count: number): Promise<ScriptedHost> => {
    await expect.poll(() => hosts.length).toBe(count);
    return hosts.at(-1) as ScriptedHost;
  };

  afterEach(() => {
    client.close();
    for (const { port } of hosts) port.close();
    // Whatever happened: nothing is left that would keep a process alive.
    expect(timers.pending).toBe(0);
  });

  it('lets calls wait for the first connection, and gives up on an answer that does not come', async () => {
    start();
    const call = client.call('task.cancel', ofTask).catch((error: unknown) => error);
    const first = await host(1);
    await first.welcome();
    await first.hears('call');
    timers.advance(5_000);
    expect(await call).toMatchObject({ code: 'unavailable', data: { outcome: 'unknown' } });
    await first.hears('cancel');
  });

  it('gives slow calls longer', async () => {
    start();
    const call = client.call('project.openDemo', {});
    const first = await host(1);
    await first.welcome();
    const asked = await first.hears('call');
    for (let second = 0; second < 60; second += 1) {
      timers.advance(1_000);
      first.say({ type: 'pong' });
      // The word must arrive before more time passes.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    first.say({ type: 'reply', id: asked.type === 'call' ? asked.id : 0, value: { name: 'parcel' } });
    expect(await call).toEqual({ name: 'parcel' });
  });

  it('notices a host that went silent: asks once, then connects again', async () => {
    start();
    const first = await host(1);
    await first.welcome();
    await expect.poll(() => client.connection.state).toBe('connected');
    timers.advance(1_000);
    await first.hears('ping');
    timers.advance(1_000);
    expect(client.connection).toMatchObject({ state: 'reconnecting', attempt: 1, retryInMs: 100 });
    timers.advance(100);
    await (await host(2)).welcome();
    await expect.poll(() => client.connection.state).toBe('connected');
  });

  it('gives up on a host that never answers the greeting, with longer and longer pauses', async () => {
    start();
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await (await host(attempt)).hears('hello');
      timers.advance(10_000);
      if (attempt >= 3)
        expect(client.connection).toMatchObject({ state: 'reconnecting', attempt, retryInMs: attempt * 100 });
      else expect(client.connection.state).toBe('connecting');
      timers.advance(attempt * 100);
    }
  });

  it('closes on a host that talks garbage, and connects again', async () => {
    start();
    const first = await host(1);
    await first.welcome();
    await expect.poll(() => client.connection.state).toBe('connected');
    first.port.send(Uint8Array.of(0xc1));
    await expect.poll(() => client.connection.state).toBe('reconnecting');
    client.reconnect();
    await (await host(2)).welcome();
    await expect.poll(() => client.connection.state).toBe('connected');
  });

  it('stays refused until a person tries again', async () => {
    let isRefused = true;
    hosts = [];
    client = createContractClient(
      async () => {
        if (isRefused) throw new GantryError('unauthorised', 'no');
        const { near, far } = createPortPair();
        hosts.push(new ScriptedHost(far));
        return near;
      },
      { timers },
    );
    await expect(client.call('task.cancel', ofTask)).rejects.toMatchObject({ code: 'unauthorised' });
    expect(client.connection.state).toBe('refused');
    expect(timers.pending).toBe(0);
    isRefused = false;
    client.reconnect();
    await (await host(1)).welcome();
    await expect.poll(() => client.connection.state).toBe('connected');
  });

  it('is over once it is closed', async () => {
    start();
    const first = await host(1);
    await first.welcome();
    await expect.poll(() => client.connection.state).toBe('connected');
    const call = client.call('task.cancel', ofTask);
    client.close();
    await expect(call).rejects.toMatchObject({ code: 'unavailable' });
    await expect(client.call('task.cancel', ofTask)).rejects.toMatchObject({ code: 'unavailable', retryable: false });
    let told: GantryError | null = null;
    client.watch('timeline.watch', inProject, {
      snapshot: () => undefined,
      change: () => undefined,
      error: (error) => (told = error),
    });
    expect(told).toMatchObject({ code: 'unavailable' });
  });
});
