/** What the conformance suite drives: a host, and clients that keep and that break the protocol. */
import { expect } from 'vitest';
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
import type { StateObserver } from './client.ts';
import { decodeFrame, encodeFrame } from './codec.ts';
import { type ConnectedContractClient, createContractClient } from './connect-client.ts';
import type { ItemOf, ValueOf } from './contract.ts';
import { GantryError } from './error.ts';
import type { ContractLog } from './failure.ts';
import type { ContractHandlers, StateSink } from './handlers.ts';
import type { Port } from './port.ts';
import { serveContract } from './serve.ts';
import { contractVersion, gantryVersion } from './version.ts';
import { type ClientFrame, type HostFrame, hostFrameSchema } from './wire.ts';

/** A transport under test. */
export interface TransportFixture {
  /** Makes a connection; the host's end is `hostPort`. */
  connect(): Promise<{ readonly clientPort: Port; readonly hostPort: Port }>;
  /** Ends all that it opened. */
  close(): Promise<void>;
}

export type Entry = ValueOf<'timeline.watchRollbacks'>;
export type LogItem = ItemOf<'lane.log'>;

/** The project, lane and task that the suite speaks of. */
export const inProject = { projectId: projectIdSchema.parse('parcel') };
export const ofLane = { laneId: laneIdSchema.parse('lane-conform1'), runId: null, fromByte: 0 };
export const ofTask = { taskId: taskIdSchema.parse('parcel:T-1') };
const runId = runIdSchema.parse('run-conform1');
export const demo = agentRefSchema.parse('demo');

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
    services: [],
    detail: null,
    startedAtMs: round,
    endedAtMs: null,
  };
}

/** Keys of the state stream under test. */
export const keys = Array.from({ length: 50 }, (_, index) => `conform${String(index).padStart(3, '0')}`);

/** The host under test: a keyed map, an endless supply of log lines, and calls that fail in every way. */
export class HostUnderTest {
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
export class View implements StateObserver<Entry> {
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
export class RawClient {
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

/** How long a condition may take to come true. */
export const waiting = { timeout: 15_000, interval: 2 };

/** Runs the suite over one transport. */

/** One transport with a host behind it, made anew for each test. */
export class Bench {
  readonly host = new HostUnderTest();
  readonly fixture: TransportFixture;
  readonly #clients: ConnectedContractClient[] = [];

  constructor(fixture: TransportFixture) {
    this.fixture = fixture;
  }

  /** The client's end of a new connection that the host serves. */
  readonly connectPort = async (): Promise<Port> => {
    const { clientPort, hostPort } = await this.fixture.connect();
    this.host.serve(hostPort);
    return clientPort;
  };

  connectClient(connect: () => Promise<Port> = this.connectPort): ConnectedContractClient {
    const client = createContractClient(connect, { backoffMs: () => 1, callTimeoutMs: 10_000 });
    this.#clients.push(client);
    return client;
  }

  async connectRaw(): Promise<RawClient> {
    return new RawClient(await this.connectPort());
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    for (const port of this.host.ports) port.close();
    await this.fixture.close();
  }
}
