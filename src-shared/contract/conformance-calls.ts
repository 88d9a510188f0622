/** The part of the conformance suite that is about calls and the greeting. */
import { beforeEach, expect, it } from 'vitest';
import { encodeFrame, frameBytesMax } from './codec.ts';
import { type Bench, demo, inProject, ofTask, waiting } from './conformance-bench.ts';
import { GantryError } from './error.ts';
import { contractVersion } from './version.ts';

/** Calls: answers, errors, refusals. */
export function describeCalls(current: () => Bench): void {
  let bench: Bench;
  beforeEach(() => {
    bench = current();
  });

  it('answers calls, many at a time', async () => {
    const client = bench.connectClient();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        client.call('lane.spawn', { ...inProject, agent: demo, count: index + 1 }),
      ),
    );
    expect(answers.map((answer) => answer.fleet)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  it('carries a named error whole, and hides one that is not', async () => {
    const client = bench.connectClient();
    await expect(client.call('task.cancel', ofTask)).rejects.toMatchObject({
      code: 'wrong-state',
      message: 'T-1 is merged already.',
      data: { state: 'merged' },
    });
    const hidden = await client.call('task.retry', ofTask).catch((error: unknown) => error);
    expect(hidden).toBeInstanceOf(GantryError);
    const { code, message, correlationId } = hidden as GantryError;
    expect(code).toBe('internal');
    expect(message).not.toContain('secret');
    const logged = bench.host.logged.find((line) => line.fields?.correlationId === correlationId);
    expect(String(logged?.fields?.detail)).toContain('secret detail');
  });

  it('refuses wrong input and unknown names, saying which', async () => {
    const raw = await bench.connectRaw();
    raw.hello();
    raw.say({ type: 'call', id: 1, name: 'lane.spawn', input: { projectId: 7 } });
    raw.say({ type: 'call', id: 2, name: 'bench.host.explode', input: {} });
    raw.say({ type: 'call', id: 3, name: 'timeline.watchRollbacks', input: inProject });
    raw.say({ type: 'open', id: 4, name: 'constructor', input: {} });
    await expect.poll(() => raw.of('failure').length, waiting).toBe(4);
    const errors = new Map(raw.of('failure').map((frame) => [frame.id, frame.error]));
    expect(errors.get(1)).toMatchObject({ code: 'invalid-input' });
    expect(errors.get(1)?.message).toContain('projectId');
    for (const id of [2, 3, 4]) expect(errors.get(id)?.code).toBe('unknown-call');
  });

  it('refuses to send an answer that is not what the contract says', async () => {
    bench.host.fleetOff = Number.NaN;
    const call = bench.connectClient().call('lane.spawn', { ...inProject, agent: demo, count: 1 });
    await expect(call).rejects.toMatchObject({ code: 'internal' });
  });

  it('refuses calls at once while it is disconnected', async () => {
    let isUp = true;
    const client = bench.connectClient(async () => {
      if (isUp) return bench.connectPort();
      throw new GantryError('unavailable', 'down', { retryable: true });
    });
    const spawn = () => client.call('lane.spawn', { ...inProject, agent: demo, count: 1 });
    await spawn();
    isUp = false;
    bench.host.ports.at(-1)?.close();
    await expect.poll(() => client.connection.state, waiting).toBe('reconnecting');
    await expect(spawn()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    isUp = true;
    await expect.poll(() => client.connection.state, waiting).toBe('connected');
    await expect(spawn()).resolves.toEqual({ fleet: 1 });
  });
}

/** What breaks the protocol, and how it ends. */
export function describeBrokenProtocol(current: () => Bench): void {
  let bench: Bench;
  beforeEach(() => {
    bench = current();
  });

  it.each([
    ['not msgpack', () => Uint8Array.of(0xc1, 0xff, 0x00)],
    ['nothing', () => new Uint8Array(0)],
    ['plain data of another shape', () => encodeFrame({ type: 'dance' })],
    ['an extension that names records', () => Uint8Array.of(0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01)],
    ['an array that claims four billion values', () => Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff, 0x01)],
    ['nesting without end', () => new Uint8Array(100_000).fill(0x91)],
  ])('closes on garbage: %s', async (_what, garbage) => {
    const raw = await bench.connectRaw();
    raw.hello();
    await expect.poll(() => raw.of('welcome').length, waiting).toBe(1);
    raw.port.send(garbage());
    await expect.poll(() => raw.closed, waiting).toBe(true);
    // The host serves others as before.
    const answer = bench.connectClient().call('lane.spawn', { ...inProject, agent: demo, count: 2 });
    await expect(answer).resolves.toEqual({ fleet: 2 });
  });

  it('closes on who speaks before the greeting, greets twice, or uses an id twice', async () => {
    const early = await bench.connectRaw();
    early.say({ type: 'ping' });
    const twice = await bench.connectRaw();
    twice.hello();
    twice.hello();
    const again = await bench.connectRaw();
    again.hello();
    again.say({ type: 'open', id: 1, name: 'timeline.watchRollbacks', input: inProject });
    again.say({ type: 'open', id: 1, name: 'timeline.watchRollbacks', input: inProject });
    for (const raw of [early, twice, again]) await expect.poll(() => raw.closed, waiting).toBe(true);
    await expect.poll(() => bench.host.sinks.size, waiting).toBe(0);
  });

  it('closes on a frame that is too large', async () => {
    const raw = await bench.connectRaw();
    raw.hello();
    raw.port.send(encodeFrame({ type: 'call', id: 1, name: 'x', input: 'y'.repeat(frameBytesMax) }));
    await expect.poll(() => raw.closed, waiting).toBe(true);
    expect(raw.of('reply')).toEqual([]);
  });

  it('never sends a call that is too large', async () => {
    const client = bench.connectClient();
    const call = client.call('task.loadPlan', {
      ...inProject,
      fileName: 'plan.yaml',
      text: 'y'.repeat(frameBytesMax),
    });
    await expect(call).rejects.toMatchObject({ code: 'too-large' });
    expect(client.connection.state).toBe('connected');
  });

  it('answers another version with what to do, and the client does not try again', async () => {
    const old = await bench.connectRaw();
    old.say({ type: 'hello', contractVersion: contractVersion - 1, gantryVersion: '0.0.1' });
    await expect.poll(() => old.closed, waiting).toBe(true);
    expect(old.of('refused')[0]?.error).toMatchObject({ code: 'version-mismatch' });
    expect(old.of('refused')[0]?.error.message).toMatch(/Gantry 0\.0\.1.*Reload the panel/);

    const newer = await bench.connectRaw();
    newer.say({ type: 'hello', contractVersion: contractVersion + 1, gantryVersion: '9.0.0' });
    await expect.poll(() => newer.closed, waiting).toBe(true);
    expect(newer.of('refused')[0]?.error.message).toMatch(/start it again/);

    let connections = 0;
    const client = bench.connectClient(async () => {
      connections += 1;
      const { clientPort, hostPort } = await bench.fixture.connect();
      bench.host.ports.push(hostPort);
      const error = { code: 'version-mismatch', message: 'Reload.', retryable: false, correlationId: 'x' };
      hostPort.onMessage(() => hostPort.send(encodeFrame({ type: 'refused', error })));
      return clientPort;
    });
    await expect
      .poll(() => client.connection, waiting)
      .toMatchObject({
        state: 'refused',
        error: { code: 'version-mismatch', message: 'Reload.' },
      });
    expect(connections).toBe(1);
  });
}
