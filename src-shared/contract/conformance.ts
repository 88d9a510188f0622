/**
 * What every transport must show: the contract's promises, driven through real ports. Test
 * files call it with a way to make a connected pair.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentRefSchema } from '../model/agent.ts';
import {
  branchNameSchema,
  checkpointIdSchema,
  commitIdSchema,
  laneIdSchema,
  projectIdSchema,
  rollbackIdSchema,
  runIdSchema,
  taskIdSchema,
} from '../model/ids.ts';
import type { LogObserver, StateObserver } from './client.ts';
import { decodeFrame, encodeFrame, frameBytesMax } from './codec.ts';
import { type ConnectedContractClient, type Connection, createContractClient } from './connect-client.ts';
import type { ItemOf, ValueOf } from './contract.ts';
import { GantryError } from './error.ts';
import type { ContractLog } from './failure.ts';
import type { ContractHandlers, StateSink } from './handlers.ts';
import type { Port } from './port.ts';
import { serveContract } from './serve.ts';
import { contractVersion, gantryVersion } from './version.ts';
import { type ClientFrame, type HostFrame, hostFrameSchema, logPauseBytes, stateFramesAhead } from './wire.ts';

/** A transport under test. */
export interface TransportFixture {
  /** Makes a connection; the host's end is `hostPort`. */
  connect(): Promise<{ readonly clientPort: Port; readonly hostPort: Port }>;
  /** Ends all that it opened. */
  close(): Promise<void>;
}

type Entry = ValueOf<'timeline.watchRollbacks'>;
type LogItem = ItemOf<'lane.log'>;

const inProject = { projectId: projectIdSchema.parse('parcel') };
const ofLane = { laneId: laneIdSchema.parse('lane-conform1'), runId: null, fromByte: 0 };
const ofTask = { taskId: taskIdSchema.parse('parcel:T-1') };
const runId = runIdSchema.parse('run-conform1');
const demo = agentRefSchema.parse('demo');

/** One entry of the state stream under test; `round` is what changes. */
function entry(key: string, round: number): Entry {
  return {
    id: rollbackIdSchema.parse(`rollback-${key.padEnd(8, '0')}`),
    projectId: inProject.projectId,
    number: 1,
    checkpointId: checkpointIdSchema.parse('checkpoint-conform1'),
    stage: 'done',
    branch: branchNameSchema.parse('main'),
    beforeCommit: commitIdSchema.parse('0'.repeat(40)),
    afterCommit: null,
    taskIds: [],
    detail: null,
    startedAtMs: round,
    endedAtMs: null,
  };
}

const keys = Array.from({ length: 50 }, (_, index) => `conform${String(index).padStart(3, '0')}`);

/** The host under test: a keyed map, an endless supply of log lines, and calls that fail in every way. */
class HostUnderTest {
  readonly view = new Map<string, Entry>();
  readonly sinks = new Set<StateSink<Entry>>();
  readonly logged: { message: string; fields: Record<string, unknown> | undefined }[] = [];
  readonly log: ContractLog = {
    info: (message, fields) => this.logged.push({ message, fields }),
    warn: (message, fields) => this.logged.push({ message, fields }),
    error: (message, fields) => this.logged.push({ message, fields }),
  };
  /** Lines of the log; each is `charactersEach` long. */
  linesTotal = 0;
  charactersEach = 1_000;
  linesPulled = 0;
  /** Added to what `lane.spawn` answers; not a number breaks the contract. */
  fleetOff = 0;
  logSourcesEnded = 0;
  callsAborted = 0;
  /** Ports that were handed to the host, the newest last. */
  readonly ports: Port[] = [];

  readonly handlers: Partial<ContractHandlers> = {
    'lane.spawn': async (input) => ({ fleet: input.count + this.fleetOff }),
    'task.cancel': async () => {
      throw new GantryError('wrong-state', 'T-1 is merged already.', { data: { state: 'merged' } });
    },
    'task.retry': async () => {
      throw new Error('secret detail at /home/someone');
    },
    'project.forget': (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          this.callsAborted += 1;
          reject(signal.reason);
        });
      }),
    'timeline.watchRollbacks': (_input, sink) => {
      sink.replace(this.view);
      this.sinks.add(sink);
      return { dispose: () => void this.sinks.delete(sink) };
    },
    'lane.log': (input) => this.lines(input.fromByte),
    'lane.events': async function* () {
      yield [];
      throw new GantryError('not-found', 'The lane is gone.');
    },
  };

  set(key: string, round: number): void {
    const value = entry(key, round);
    this.view.set(key, value);
    for (const sink of this.sinks) sink.set(key, value);
  }

  delete(key: string): void {
    this.view.delete(key);
    for (const sink of this.sinks) sink.delete(key);
  }

  serve(port: Port): void {
    this.ports.push(port);
    serveContract(port, this.handlers, { log: this.log, checkOutputs: true, flushIntervalMs: 1, streamsMax: 64 });
  }

  async *lines(fromByte: number): AsyncGenerator<LogItem[]> {
    try {
      for (let line = fromByte / this.charactersEach; line < this.linesTotal; line += 1) {
        this.linesPulled += 1;
        const from = line * this.charactersEach;
        const text = `${line};`.padEnd(this.charactersEach, '.');
        yield [{ runId, fromByte: from, endByte: from + text.length, text }];
      }
    } finally {
      this.logSourcesEnded += 1;
    }
  }
}

/** A state observer that keeps the view and counts what it is told. */
class View implements StateObserver<Entry> {
  readonly values = new Map<string, Entry>();
  snapshots = 0;
  changes = 0;
  failure: GantryError | null = null;

  snapshot(values: ReadonlyMap<string, Entry>): void {
    this.snapshots += 1;
    this.values.clear();
    for (const [key, value] of values) this.values.set(key, value);
  }

  change(set: ReadonlyMap<string, Entry>, removed: readonly string[]): void {
    this.changes += 1;
    for (const [key, value] of set) this.values.set(key, value);
    for (const key of removed) this.values.delete(key);
  }

  error(error: GantryError): void {
    this.failure = error;
  }
}

/** Speaks the protocol by hand, so that it can break it. */
class RawClient {
  readonly frames: HostFrame[] = [];
  readonly sizes: number[] = [];
  readonly port: Port;
  closed = false;
  detail = '';

  constructor(port: Port) {
    this.port = port;
    port.onMessage((bytes) => {
      const decoded = decodeFrame(hostFrameSchema, bytes);
      if (!decoded.ok) throw new Error(decoded.error);
      this.frames.push(decoded.value);
      this.sizes.push(bytes.byteLength);
    });
    port.onClose((closure) => {
      this.closed = true;
      this.detail = closure.detail;
    });
  }

  say(frame: ClientFrame): void {
    this.port.send(encodeFrame(frame));
  }

  hello(): void {
    this.say({ type: 'hello', contractVersion, gantryVersion });
  }

  of<Type extends HostFrame['type']>(type: Type): Extract<HostFrame, { type: Type }>[] {
    return this.frames.filter((frame): frame is Extract<HostFrame, { type: Type }> => frame.type === type);
  }

  sizesOf(type: HostFrame['type']): number[] {
    return this.sizes.filter((_, index) => this.frames[index]?.type === type);
  }

  /** Resolves once the host has answered everything that was said so far. */
  async settled(): Promise<void> {
    const before = this.of('pong').length;
    this.say({ type: 'ping' });
    await expect.poll(() => this.of('pong').length, waiting).toBe(before + 1);
  }
}

const waiting = { timeout: 15_000, interval: 2 };

/** Runs the suite over one transport. */
export function describeContractOver(name: string, makeFixture: () => Promise<TransportFixture>): void {
  describe(`the contract over ${name}`, () => {
    let fixture: TransportFixture;
    let host: HostUnderTest;
    let clients: ConnectedContractClient[];

    beforeEach(async () => {
      fixture = await makeFixture();
      host = new HostUnderTest();
      clients = [];
    });

    afterEach(async () => {
      for (const client of clients) client.close();
      for (const port of host.ports) port.close();
      await fixture.close();
    });

    const connectPort = async (): Promise<Port> => {
      const { clientPort, hostPort } = await fixture.connect();
      host.serve(hostPort);
      return clientPort;
    };
    const connectClient = (connect = connectPort): ConnectedContractClient => {
      const client = createContractClient(connect, { backoffMs: () => 1, callTimeoutMs: 10_000 });
      clients.push(client);
      return client;
    };
    const connectRaw = async (): Promise<RawClient> => new RawClient(await connectPort());

    it('answers calls, many at a time', async () => {
      const client = connectClient();
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          client.call('lane.spawn', { ...inProject, agent: demo, count: index + 1 }),
        ),
      );
      expect(answers.map((answer) => answer.fleet)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    });

    it('carries a named error whole, and hides one that is not', async () => {
      const client = connectClient();
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
      const logged = host.logged.find((line) => line.fields?.correlationId === correlationId);
      expect(String(logged?.fields?.detail)).toContain('secret detail');
    });

    it('refuses wrong input and unknown names, saying which', async () => {
      const raw = await connectRaw();
      raw.hello();
      raw.say({ type: 'call', id: 1, name: 'lane.spawn', input: { projectId: 7 } });
      raw.say({ type: 'call', id: 2, name: 'host.explode', input: {} });
      raw.say({ type: 'call', id: 3, name: 'timeline.watchRollbacks', input: inProject });
      raw.say({ type: 'open', id: 4, name: 'constructor', input: {} });
      await expect.poll(() => raw.of('failure').length, waiting).toBe(4);
      const errors = new Map(raw.of('failure').map((frame) => [frame.id, frame.error]));
      expect(errors.get(1)).toMatchObject({ code: 'invalid-input' });
      expect(errors.get(1)?.message).toContain('projectId');
      for (const id of [2, 3, 4]) expect(errors.get(id)?.code).toBe('unknown-call');
    });

    it('refuses to send an answer that is not what the contract says', async () => {
      host.fleetOff = Number.NaN;
      const call = connectClient().call('lane.spawn', { ...inProject, agent: demo, count: 1 });
      await expect(call).rejects.toMatchObject({ code: 'internal' });
    });

    it('sends a snapshot, then what changed', async () => {
      host.set('conform001', 1);
      host.set('conform002', 1);
      const view = new View();
      connectClient().watch('timeline.watchRollbacks', inProject, view);
      await expect.poll(() => view.snapshots, waiting).toBe(1);
      host.set('conform002', 2);
      host.set('conform003', 2);
      host.delete('conform001');
      await expect.poll(() => [...view.values.keys()].sort(), waiting).toEqual(['conform002', 'conform003']);
      expect(view.values).toEqual(host.view);
      expect(view.snapshots).toBe(1);
    });

    it('sends an empty snapshot of nothing, so that nothing can be told from not yet', async () => {
      const view = new View();
      connectClient().watch('timeline.watchRollbacks', inProject, view);
      await expect.poll(() => view.snapshots, waiting).toBe(1);
      expect(view.values.size).toBe(0);
    });

    it('sends a large snapshot in several frames and shows it as one', async () => {
      for (let index = 0; index < 2_500; index += 1) host.set(`conform${index}`, 1);
      const view = new View();
      connectClient().watch('timeline.watchRollbacks', inProject, view);
      await expect.poll(() => view.snapshots, waiting).toBe(1);
      expect(view.values).toEqual(host.view);
    });

    it('conflates for a reader that stalls, and ends with the host’s view', async () => {
      const raw = await connectRaw();
      raw.hello();
      raw.say({ type: 'open', id: 1, name: 'timeline.watchRollbacks', input: inProject });
      await expect.poll(() => host.sinks.size, waiting).toBe(1);
      for (let update = 0; update < 20_000; update += 1) {
        host.set(keys[update % keys.length] ?? '', update);
        // Lets flushes happen in between, as they would over four seconds.
        if (update % 1_000 === 0) await raw.settled();
      }
      host.delete('conform007');
      await raw.settled();
      expect(raw.of('state').length).toBeLessThanOrEqual(stateFramesAhead);

      const values = new Map<string, unknown>();
      let applied = 0;
      const apply = (): number => {
        for (const frame of raw.of('state').slice(applied)) {
          applied += 1;
          expect(frame.rev).toBe(applied);
          for (const [key, value] of frame.set) values.set(key, value);
          for (const key of frame.removed) values.delete(key);
          raw.say({ type: 'credit', id: 1, frames: 1 });
        }
        return values.size;
      };
      await expect
        .poll(() => {
          apply();
          return Object.fromEntries(values);
        }, waiting)
        .toEqual(Object.fromEntries(host.view));
      expect(raw.of('state').length).toBeLessThanOrEqual(stateFramesAhead + 2);
    });

    it('asks for a fresh snapshot when a revision is missing', async () => {
      host.set('conform001', 1);
      // Loses the second state frame on its way.
      let stateFrames = 0;
      const lossy = async (): Promise<Port> => {
        const port = await connectPort();
        return {
          send: (bytes) => port.send(bytes),
          onClose: (listener) => port.onClose(listener),
          close: (closure) => port.close(closure),
          onMessage: (listener) =>
            port.onMessage((bytes) => {
              const decoded = decodeFrame(hostFrameSchema, bytes);
              if (decoded.ok && decoded.value.type === 'state') stateFrames += 1;
              if (stateFrames === 2) {
                stateFrames += 1;
                return;
              }
              listener(bytes);
            }),
        };
      };
      const view = new View();
      connectClient(lossy).watch('timeline.watchRollbacks', inProject, view);
      await expect.poll(() => view.snapshots, waiting).toBe(1);
      host.set('conform002', 2);
      await expect.poll(() => stateFrames, waiting).toBe(3);
      host.set('conform003', 3);
      await expect.poll(() => view.snapshots, waiting).toBe(2);
      await expect.poll(() => view.values.size, waiting).toBe(3);
      expect(view.values).toEqual(host.view);
    });

    it('loses nothing for a reader that stalls, and holds little for it', async () => {
      host.linesTotal = 2_000;
      const raw = await connectRaw();
      raw.hello();
      raw.say({ type: 'open', id: 1, name: 'lane.log', input: ofLane });
      await expect.poll(() => sum(raw.sizesOf('items')), waiting).toBeGreaterThanOrEqual(logPauseBytes);
      await raw.settled();
      const pulledWhileStalled = host.linesPulled;
      expect(pulledWhileStalled).toBeLessThanOrEqual(logPauseBytes / host.charactersEach + 1);
      await raw.settled();
      expect(host.linesPulled).toBe(pulledWhileStalled);

      let acknowledged = 0;
      await expect
        .poll(() => {
          const received = sum(raw.sizesOf('items'));
          if (received > acknowledged) raw.say({ type: 'ack', id: 1, bytes: received - acknowledged });
          acknowledged = received;
          return raw.of('end').length;
        }, waiting)
        .toBe(1);
      const lines = raw.of('items').flatMap((frame) => frame.items as LogItem[]);
      expect(lines.map((line) => line.fromByte)).toEqual(Array.from({ length: 2_000 }, (_, line) => line * 1_000));
    });

    it('asks a slow log reader for the next batch only once it is done with this one', async () => {
      host.linesTotal = 1_000;
      let release: () => void = () => undefined;
      const seen: number[] = [];
      let ended = false;
      const observer: LogObserver<LogItem> = {
        items(items) {
          for (const item of items) seen.push(item.fromByte);
          return seen.length > 1 ? undefined : new Promise((resolve) => (release = resolve));
        },
        end: () => (ended = true),
        error(error) {
          throw error;
        },
      };
      connectClient().read('lane.log', ofLane, observer);
      await expect.poll(() => host.linesPulled, waiting).toBeGreaterThan(50);
      await expect.poll(() => seen, waiting).toEqual([0]);
      expect(host.linesPulled).toBeLessThanOrEqual(logPauseBytes / host.charactersEach + 1);
      release();
      await expect.poll(() => ended, waiting).toBe(true);
      expect(seen).toEqual(Array.from({ length: 1_000 }, (_, line) => line * 1_000));
    });

    it('ends a log stream with its error', async () => {
      const failure = await new Promise<GantryError>((resolve, reject) => {
        const input = { laneId: ofLane.laneId, runId: null, afterSeq: 0 };
        const end = (): void => reject(new Error('ended in order'));
        connectClient().read('lane.events', input, { items: () => undefined, end, error: resolve });
      });
      expect(failure.code).toBe('not-found');
    });

    it('connects again: calls in flight fail, state comes afresh, logs go on without loss or repeat', async () => {
      host.set('conform001', 1);
      host.linesTotal = 3_000;
      const client = connectClient();
      const states: Connection['state'][] = [];
      client.onDidChangeConnection((connection) => states.push(connection.state));
      const view = new View();
      client.watch('timeline.watchRollbacks', inProject, view);
      const seen: number[] = [];
      let ended = false;
      const cutAt = [200, 900];
      client.read('lane.log', ofLane, {
        items(items) {
          for (const item of items) seen.push(item.fromByte / 1_000);
          if (seen.length >= (cutAt[0] ?? Number.POSITIVE_INFINITY)) {
            cutAt.shift();
            host.ports.at(-1)?.close({ kind: 'failed', detail: 'cut by the test' });
          }
        },
        end: () => (ended = true),
        error(error) {
          throw error;
        },
      });
      const inFlight = client.call('project.forget', inProject).catch((error: unknown) => error);
      expect(await inFlight).toMatchObject({ code: 'unavailable', data: { outcome: 'unknown' } });
      await expect.poll(() => host.callsAborted, waiting).toBe(1);
      host.set('conform002', 2);
      await expect.poll(() => ended, waiting).toBe(true);
      expect(seen).toEqual(Array.from({ length: 3_000 }, (_, line) => line));
      await expect.poll(() => view.values, waiting).toEqual(host.view);
      expect(view.snapshots).toBeGreaterThanOrEqual(2);
      expect(states.filter((state) => state === 'connected').length).toBe(3);
      expect(states).toContain('reconnecting');
      expect(host.sinks.size).toBe(1);
    });

    it('refuses calls at once while it is disconnected', async () => {
      let isUp = true;
      const client = connectClient(async () => {
        if (isUp) return connectPort();
        throw new GantryError('unavailable', 'down', { retryable: true });
      });
      const spawn = () => client.call('lane.spawn', { ...inProject, agent: demo, count: 1 });
      await spawn();
      isUp = false;
      host.ports.at(-1)?.close();
      await expect.poll(() => client.connection.state, waiting).toBe('reconnecting');
      await expect(spawn()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
      isUp = true;
      await expect.poll(() => client.connection.state, waiting).toBe('connected');
      await expect(spawn()).resolves.toEqual({ fleet: 1 });
    });

    it.each([
      ['not msgpack', () => Uint8Array.of(0xc1, 0xff, 0x00)],
      ['nothing', () => new Uint8Array(0)],
      ['plain data of another shape', () => encodeFrame({ type: 'dance' })],
      ['an extension that names records', () => Uint8Array.of(0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01)],
      ['an array that claims four billion values', () => Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff, 0x01)],
      ['nesting without end', () => new Uint8Array(100_000).fill(0x91)],
    ])('closes on garbage: %s', async (_what, garbage) => {
      const raw = await connectRaw();
      raw.hello();
      await expect.poll(() => raw.of('welcome').length, waiting).toBe(1);
      raw.port.send(garbage());
      await expect.poll(() => raw.closed, waiting).toBe(true);
      // The host serves others as before.
      const answer = connectClient().call('lane.spawn', { ...inProject, agent: demo, count: 2 });
      await expect(answer).resolves.toEqual({ fleet: 2 });
    });

    it('closes on who speaks before the greeting, greets twice, or uses an id twice', async () => {
      const early = await connectRaw();
      early.say({ type: 'ping' });
      const twice = await connectRaw();
      twice.hello();
      twice.hello();
      const again = await connectRaw();
      again.hello();
      again.say({ type: 'open', id: 1, name: 'timeline.watchRollbacks', input: inProject });
      again.say({ type: 'open', id: 1, name: 'timeline.watchRollbacks', input: inProject });
      for (const raw of [early, twice, again]) await expect.poll(() => raw.closed, waiting).toBe(true);
      await expect.poll(() => host.sinks.size, waiting).toBe(0);
    });

    it('closes on a frame that is too large', async () => {
      const raw = await connectRaw();
      raw.hello();
      raw.port.send(encodeFrame({ type: 'call', id: 1, name: 'x', input: 'y'.repeat(frameBytesMax) }));
      await expect.poll(() => raw.closed, waiting).toBe(true);
      expect(raw.of('reply')).toEqual([]);
    });

    it('never sends a call that is too large', async () => {
      const client = connectClient();
      const call = client.call('task.loadPlan', {
        ...inProject,
        fileName: 'plan.yaml',
        text: 'y'.repeat(frameBytesMax),
      });
      await expect(call).rejects.toMatchObject({ code: 'too-large' });
      expect(client.connection.state).toBe('connected');
    });

    it('answers another version with what to do, and the client does not try again', async () => {
      const old = await connectRaw();
      old.say({ type: 'hello', contractVersion: contractVersion - 1, gantryVersion: '0.0.1' });
      await expect.poll(() => old.closed, waiting).toBe(true);
      expect(old.of('refused')[0]?.error).toMatchObject({ code: 'version-mismatch' });
      expect(old.of('refused')[0]?.error.message).toMatch(/Gantry 0\.0\.1.*Reload the panel/);

      const newer = await connectRaw();
      newer.say({ type: 'hello', contractVersion: contractVersion + 1, gantryVersion: '9.0.0' });
      await expect.poll(() => newer.closed, waiting).toBe(true);
      expect(newer.of('refused')[0]?.error.message).toMatch(/start it again/);

      let connections = 0;
      const client = connectClient(async () => {
        connections += 1;
        const { clientPort, hostPort } = await fixture.connect();
        host.ports.push(hostPort);
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

    it('stops the source when its reader leaves', async () => {
      const client = connectClient();
      const view = new View();
      const watching = client.watch('timeline.watchRollbacks', inProject, view);
      await expect.poll(() => view.snapshots, waiting).toBe(1);
      watching.dispose();
      await expect.poll(() => host.sinks.size, waiting).toBe(0);

      host.linesTotal = 1_000_000;
      let batches = 0;
      const reading = client.read('lane.log', ofLane, {
        items() {
          batches += 1;
          if (batches === 10) reading.dispose();
        },
        end: () => undefined,
        error: () => undefined,
      });
      await expect.poll(() => host.logSourcesEnded, waiting).toBe(1);
      expect(batches).toBe(10);
      expect(host.linesPulled).toBeLessThan(1_000);
    });

    it('stops every source when the connection goes', async () => {
      const raw = await connectRaw();
      raw.hello();
      host.linesTotal = 1_000_000;
      raw.say({ type: 'open', id: 1, name: 'timeline.watchRollbacks', input: inProject });
      raw.say({ type: 'open', id: 2, name: 'lane.log', input: ofLane });
      await expect.poll(() => raw.of('items').length, waiting).toBeGreaterThan(0);
      raw.port.close();
      await expect.poll(() => host.sinks.size, waiting).toBe(0);
      await expect.poll(() => host.logSourcesEnded, waiting).toBe(1);
    });

    it('serves many streams at a time, and refuses more than its limit', async () => {
      const client = connectClient();
      const views = Array.from({ length: 60 }, () => new View());
      const subscriptions = views.map((view) => client.watch('timeline.watchRollbacks', inProject, view));
      for (let round = 0; round < 20; round += 1) {
        for (const key of keys) host.set(key, round);
        await client.call('lane.spawn', { ...inProject, agent: demo, count: 1 });
      }
      for (const view of views) await expect.poll(() => view.values, waiting).toEqual(host.view);
      const extra = Array.from({ length: 5 }, () => new View());
      for (const view of extra) client.watch('timeline.watchRollbacks', inProject, view);
      await expect.poll(() => extra.at(-1)?.failure?.code, waiting).toBe('limit-reached');
      expect(extra[0]?.failure).toBeNull();
      for (const subscription of subscriptions) subscription.dispose();
    });
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}
