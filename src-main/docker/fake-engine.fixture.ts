/** An HTTP server on a socket that answers like an engine, keeps what it was asked, and misbehaves on demand. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, createServer as createSocketServer, type Server as SocketServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toDisposable } from '#shared/base/disposable.ts';
import { systemClock } from '../platform/clock.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { EngineSurroundings } from './engine-endpoint.ts';

/** A request as it came. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers a request, or returns false to leave it to the next. The version is not in `path`. */
export type FakeAnswer = (
  request: RecordedRequest,
  path: string,
  response: ServerResponse,
) => boolean | 'never' | undefined | void;

/** Docker 29's first words. */
export const docker29 = {
  '/version': { Version: '29.0.0', ApiVersion: '1.52', MinAPIVersion: '1.44', Os: 'linux', Arch: 'amd64' },
  '/info': { ID: 'fake', NCPU: 4, MemTotal: 8_000_000_000, DockerRootDir: '/var/lib/docker' },
  '/networks/bridge': { Id: 'b'.repeat(64) },
};

/** A folder with a short path, for sockets: their paths are at most 104 bytes. */
export class SocketFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'gantry-sock-'));
  readonly socket = join(this.path, 'docker.sock');

  dispose(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export class FakeEngine {
  readonly requests: RecordedRequest[] = [];
  /** Event streams that are open. */
  readonly events = new Set<ServerResponse>();
  readonly #server: Server;
  #answer: FakeAnswer;

  private constructor(answer: FakeAnswer) {
    this.#answer = answer;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Listens on a socket, or on a port of the loopback (0 takes any). `answer` comes before the usual answers. */
  static async listen(where: string | number, answer: FakeAnswer = () => false): Promise<FakeEngine> {
    const fake = new FakeEngine(answer);
    await new Promise<void>((resolve) => {
      if (typeof where === 'string') fake.#server.listen(where, resolve);
      else fake.#server.listen(where, '127.0.0.1', resolve);
    });
    return fake;
  }

  /** From now on answers come from here first. */
  answerWith(answer: FakeAnswer): void {
    this.#answer = answer;
  }

  /** Sends an event to all who listen. */
  tell(event: object): void {
    for (const stream of this.events) stream.write(`${JSON.stringify(event)}\n`);
  }

  /** Takes no new connections and goes on with those that it has, as an engine that is ending. */
  stopListening(): void {
    this.#server.close();
  }

  /** Stops listening and cuts all connections. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const request = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    };
    this.requests.push(request);
    const path = (request.url.split('?')[0] ?? '').replace(/^\/v\d+\.\d+/, '');
    const answered = this.#answer(request, path, response);
    if (answered === true || answered === 'never') return;
    if (path === '/events') {
      this.events.add(response);
      response.on('close', () => this.events.delete(response));
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.flushHeaders();
      return;
    }
    const usual = (docker29 as Record<string, unknown>)[path];
    if (path === '/_ping') response.end('OK');
    else if (usual !== undefined) json(response, 200, usual);
    else json(response, 404, { message: 'page not found' });
  }
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown): true {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
  return true;
}

/** A socket before another one, whose connections can be cut. */
export class SocketProxy {
  readonly #target: string;
  readonly #path: string;
  readonly #sockets = new Set<Socket>();
  #server: SocketServer | null = null;

  constructor(path: string, target: string) {
    this.#path = path;
    this.#target = target;
  }

  async open(): Promise<void> {
    const server = createSocketServer({ allowHalfOpen: true }, (client) => {
      const upstream = connect({ path: this.#target, allowHalfOpen: true });
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#path, resolve));
  }

  /** Cuts all connections; new ones are refused until `open`. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** Real time, in which what is due after a while is due `times` sooner: for deadlines that nobody wants to wait for. */
export function hurriedClock(times: number): Clock {
  return {
    ...systemClock,
    after: (delayMs, callback) => systemClock.after(delayMs / times, callback),
    every: (intervalMs, callback) => systemClock.every(intervalMs / times, callback),
  };
}

/** A log that keeps its lines with their fields. */
export function keepingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const write = (message: string, fields?: Record<string, unknown>): void =>
    void lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
  return { ...log, lines };
}

/** Nothing but what a test says of the machine. */
export function bareSurroundings(
  env: Record<string, string> = {},
  files: Record<string, string> = {},
): EngineSurroundings {
  return {
    env,
    platform: 'linux',
    homeFolder: '/home/ada',
    userId: 1_000,
    readText: (path) => files[path] ?? null,
    exists: (path) => path.startsWith(tmpdir()) && existsSync(path),
  };
}

/** Waits until `isSo`, or throws: for what happens in real time. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let attempt = 0; attempt < 1_000; attempt += 1) {
    if (isSo()) return;
    await new Promise((resolve) => {
      const timer = systemClock.after(10, () => {
        timer.dispose();
        resolve(null);
      });
    });
  }
  throw new Error(`It did not come to this: ${what}`);
}

/** Keeps what an event brings, until it is disposed. */
export function collectEvents<T>(event: (listener: (value: T) => void) => { dispose(): void }) {
  const values: T[] = [];
  const subscription = event((value) => values.push(value));
  return { values, ...toDisposable(() => subscription.dispose()) };
}
