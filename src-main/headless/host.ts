/**
 * The headless host: the panel's files over HTTP and the contract over WebSocket, on loopback,
 * behind the gate. Knows no domain: handlers come from the app.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { bindWebSocket } from '#main/api/bind/websocket.ts';
import { type PanelResponse, respondWithPanel, textResponse } from '#main/api/serve-panel.ts';
import type { Log } from '#main/ports/log.ts';
import { type Disposable, toDisposable } from '#shared/base/disposable.ts';
import { frameBytesMax } from '#shared/contract/codec.ts';
import { webSocketProtocol } from '#shared/contract/connect/websocket.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ContractHandlers } from '#shared/contract/handlers.ts';
import { refuseContract, serveContract } from '#shared/contract/serve.ts';
import { systemTimers } from '#shared/contract/timers.ts';
import { type GatedRequest, isToken, offeredToken, refuseRequest, refuseUpgrade } from './gate.ts';
import { removeHostFile, writeHostFile } from './host-file.ts';
import { RateLimit } from './rate-limit.ts';
import { openTickets, type Tickets } from './tickets.ts';

export interface HeadlessHostOptions {
  /** 0 or nothing takes any port that is free. */
  readonly port?: number;
  /** Where to listen. Only loopback is served. */
  readonly address?: string;
  /** The built panel. */
  readonly staticFolder: string;
  readonly handlers: Partial<ContractHandlers>;
  /** Where `host.json` is written. */
  readonly dataFolder: string;
  readonly log: Log;
  /** Opens the host; made anew at each start unless a test brings its own. */
  readonly token?: string;
  /** Validates what handlers answer: for tests and development. */
  readonly checkOutputs?: boolean;
}

/** A host that serves. */
export interface HeadlessHost {
  readonly port: number;
  /** Opens the panel, with the token in the fragment. */
  readonly url: string;
  /** Connections that are open now. */
  connections(): number;
  /** Says goodbye to every client, takes `host.json` back and frees the port. */
  close(): Promise<void>;
}

const connectionsMax = 32;
/** A client that came with a wrong token is told so; one that keeps trying is not. */
const wrongTokens = { burst: 10, perSecond: 1 };
const upgrades = { burst: 60, perSecond: 20 };
/** How long clients have to say goodbye when the host ends. */
const goodbyeMs = 1_000;

/**
 * Starts to serve. Rejects with `port-taken` when the port cannot be had, and with
 * `invalid-input` for an address beyond loopback.
 */
export async function openHeadlessHost(options: HeadlessHostOptions): Promise<HeadlessHost> {
  const address = options.address ?? '127.0.0.1';
  if (address !== '127.0.0.1') {
    throw new GantryError(
      'invalid-input',
      `Gantry listens on 127.0.0.1 only. ${address} would open it to others, for which it needs TLS. To reach it from another machine, forward the port: ssh -L ${options.port ?? 'PORT'}:127.0.0.1:${options.port ?? 'PORT'} HOST.`,
    );
  }
  const host = new OpenHost(options);
  await host.open(address);
  return host;
}

class OpenHost implements HeadlessHost {
  readonly #options: HeadlessHostOptions;
  readonly #token: string;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #served = new Map<WebSocket, Disposable>();
  readonly #upgrades = new RateLimit(upgrades, performance.now());
  readonly #wrongTokens = new RateLimit(wrongTokens, performance.now());
  #tickets: Tickets | null = null;
  #port = 0;
  #closing: Promise<void> | null = null;

  constructor(options: HeadlessHostOptions) {
    this.#options = options;
    this.#token = options.token ?? randomBytes(32).toString('base64url');
    this.#server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 });
    this.#server.maxConnections = 256;
    this.#server.on('request', (request, response) => void this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: frameBytesMax,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(webSocketProtocol) ? webSocketProtocol : false),
    });
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/#t=${this.#token}`;
  }

  connections(): number {
    return this.#served.size;
  }

  async open(address: string): Promise<void> {
    const wanted = this.#options.port ?? 0;
    this.#tickets = await openTickets(this.#options.dataFolder);
    await new Promise<void>((resolve, reject) => {
      const onError = (error: Error): void => reject(asPortError(error, wanted));
      this.#server.once('error', onError);
      this.#server.listen({ host: address, port: wanted, exclusive: true }, () => {
        this.#server.off('error', onError);
        resolve();
      });
    });
    this.#port = (this.#server.address() as AddressInfo).port;
    const published = { port: this.#port, token: this.#token, pid: process.pid, url: this.url };
    try {
      await writeHostFile(this.#options.dataFolder, published);
    } catch (error) {
      this.#server.close();
      throw error;
    }
    this.#options.log.info('headless host listens', { port: this.#port });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const freed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const gone = [...this.#served].map(
      ([socket, served]) =>
        new Promise<void>((resolve) => {
          const late = systemTimers.after(goodbyeMs, () => socket.terminate());
          socket.once('close', () => {
            late.dispose();
            resolve();
          });
          served.dispose();
        }),
    );
    await removeHostFile(this.#options.dataFolder, this.#token);
    await Promise.all(gone);
    this.#server.closeAllConnections();
    await freed;
    this.#options.log.info('headless host ended', { port: this.#port });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gated = gatedRequest(request);
    const refusal = refuseRequest(gated, this.#port);
    if (refusal !== null) {
      if (refusal.status === 405) response.setHeader('Allow', 'GET, HEAD');
      send(request, response, textResponse(refusal.status, refusal.reason));
      return;
    }
    try {
      send(request, response, await respondWithPanel(this.#options.staticFolder, gated.path));
    } catch (error) {
      const detail = error instanceof Error ? error.stack : String(error);
      this.#options.log.error('a file of the panel could not be read', { path: gated.path, detail });
      send(request, response, textResponse(500, 'A file of the panel could not be read. The log has the details.'));
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const onError = (error: Error): void =>
      this.#options.log.info('a connection failed early', { reason: error.message });
    socket.on('error', onError);
    const refusal = refuseUpgrade(gatedRequest(request), this.#port);
    if (refusal !== null) {
      this.#turnAway(socket, refusal.status, refusal.reason);
      return;
    }
    const nowMs = performance.now();
    const offered = offeredToken(request.headers['sec-websocket-protocol']);
    const isKnown = isToken(offered, this.#token) || this.#tickets?.isValid(offered, Date.now()) === true;
    // Whoever has the token is never kept out by others who have not.
    if (!isKnown && !this.#wrongTokens.take(nowMs)) {
      this.#turnAway(socket, 429, 'Too many wrong tokens.');
      return;
    }
    if (isKnown && (this.#served.size >= connectionsMax || !this.#upgrades.take(nowMs))) {
      this.#turnAway(socket, 503, 'Too many connections.');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      socket.off('error', onError);
      if (isKnown && this.#closing === null) this.#serve(client);
      else this.#refuseToken(client);
    });
  }

  #serve(client: WebSocket): void {
    const { handlers, log, checkOutputs } = this.#options;
    const port = bindWebSocket(client, {
      every(intervalMs, callback) {
        const timer = setInterval(callback, intervalMs);
        return toDisposable(() => clearInterval(timer));
      },
    });
    const tickets = this.#tickets;
    const newTicket = tickets === null ? null : () => tickets.issue(Date.now());
    const served = serveContract(port, handlers, { log, checkOutputs: checkOutputs ?? false, newTicket });
    this.#served.set(client, served);
    client.once('close', () => {
      this.#served.delete(client);
      served.dispose();
    });
  }

  /** Browsers hide the status of a refused upgrade from the page: so it is told over the connection. */
  #refuseToken(client: WebSocket): void {
    const port = bindWebSocket(client, { every: () => toDisposable(() => undefined) });
    refuseContract(port, {
      code: 'unauthorised',
      message: 'This panel was opened for an earlier start of Gantry, or its address is not complete.',
      retryable: false,
      correlationId: '',
    });
  }

  #turnAway(socket: Duplex, status: number, reason: string): void {
    this.#options.log.warn('a connection was turned away', { status, reason });
    const body = `${reason}\n`;
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      () => socket.destroy(),
    );
  }
}

function gatedRequest(request: IncomingMessage): GatedRequest {
  const path = (request.url ?? '/').split(/[?#]/, 1)[0] ?? '/';
  return { method: request.method, path, host: request.headers.host, origin: request.headers.origin };
}

function send(request: IncomingMessage, response: ServerResponse, answer: PanelResponse): void {
  response.writeHead(answer.status, { ...answer.headers, 'Content-Length': answer.body.byteLength });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

function asPortError(error: Error & { code?: string }, port: number): Error {
  const advice = `Quit that program, or start Gantry on another port: npm start -- --port ${port < 65_535 ? port + 1 : 0}.`;
  if (error.code === 'EADDRINUSE') {
    return new GantryError('port-taken', `Port ${port} is taken by another program. Nothing was changed. ${advice}`, {
      data: { port },
      cause: error,
    });
  }
  if (error.code === 'EACCES') {
    return new GantryError(
      'port-taken',
      `Port ${port} is reserved by the system. Start Gantry on another port: npm start -- --port 8080.`,
      { data: { port }, cause: error },
    );
  }
  return error;
}
