/** One attached app: its handshake, its requests, and the journals that it follows. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Result } from '#shared/base/result.ts';
import {
  type RunReport,
  type WorkerMessage,
  type WorkerRequest,
  workerFrameBytesMax,
  workerRequestSchema,
} from '#shared/contract/worker-protocol.ts';
import { workerProtocolVersion } from '#shared/contract/version.ts';
import type { RunId } from '#shared/model/ids.ts';
import { FramedSocket } from '../platform/framed-socket.ts';
import type { WorkerRefusal } from '../ports/worker.ts';
import type { Log } from '../ports/log.ts';
import type { JournalFeed } from './journal-feed.ts';

export type WorkerCall = Exclude<WorkerRequest, { type: 'hello' | 'follow' | 'unfollow' }>;

export interface ConnectionOptions {
  readonly secret: string;
  readonly log: Log;
  readonly welcome: () => Extract<WorkerMessage, { type: 'welcome' }>;
  readonly perform: (call: WorkerCall) => Promise<Result<unknown, WorkerRefusal>>;
  readonly openFeed: (
    runId: RunId,
    afterSeq: number,
    send: (message: WorkerMessage) => Promise<boolean>,
  ) => JournalFeed | null;
  readonly onAttached: () => void;
  readonly onClosed: (wasAttached: boolean) => void;
}

/** An app that lets more than this wait is taken for hung; it may attach again. */
const pendingBytesMax = 64 * 1024 * 1024;
/** Heartbeats are left out while this much waits: the next one says the same, but newer. */
const heartbeatPendingBytesMax = 1024 * 1024;
const feedsMax = 2_000;

export class Connection {
  readonly #frames: FramedSocket<typeof workerRequestSchema>;
  readonly #options: ConnectionOptions;
  readonly #feeds = new Map<RunId, JournalFeed>();
  #attached = false;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#options = options;
    this.#frames = new FramedSocket(socket, {
      schema: workerRequestSchema,
      frameBytesMax: workerFrameBytesMax,
      pendingBytesMax,
      onFrame: (request) => this.#receive(request),
      onClose: (reason) => {
        for (const feed of this.#feeds.values()) feed.dispose();
        this.#feeds.clear();
        options.log.info('app detached', { reason });
        options.onClosed(this.#attached);
      },
    });
  }

  get attached(): boolean {
    return this.#attached && !this.#frames.closed;
  }

  heartbeat(atMs: number, runs: RunReport[]): void {
    if (!this.attached || this.#frames.pendingBytes > heartbeatPendingBytesMax) return;
    this.#send({ type: 'heartbeat', atMs, runs });
  }

  announceEnd(report: RunReport): void {
    if (this.attached) this.#send({ type: 'ended', report });
  }

  /** There is more to read in a journal. */
  wake(runId: RunId): void {
    this.#feeds.get(runId)?.wake();
  }

  /** Sends what is pending and closes. */
  end(): void {
    this.#frames.end();
  }

  /** For one who never said hello. */
  drop(reason: string): void {
    this.#frames.close(reason);
  }

  #receive(request: WorkerRequest): void {
    if (request.type === 'hello') {
      this.#greet(request.protocolVersion, request.secret);
      return;
    }
    if (!this.#attached) {
      this.#frames.close('a request came before hello');
      return;
    }
    if (request.type === 'follow') this.#follow(request.id, request.runId, request.afterSeq);
    else if (request.type === 'unfollow') {
      this.#unfollow(request.runId);
      this.#reply(request.id, { ok: true, value: null });
    } else void this.#perform(request);
  }

  #greet(protocolVersion: number, secret: string): void {
    if (!sameSecret(secret, this.#options.secret)) {
      this.#refuse('The secret is wrong.');
    } else if (protocolVersion !== workerProtocolVersion) {
      this.#refuse(
        `This worker speaks protocol ${workerProtocolVersion}, the app ${protocolVersion}. ` +
          'Let its runs end, or end them with "gantry shutdown"; the app then starts its own.',
      );
    } else {
      this.#attached = true;
      this.#send(this.#options.welcome());
      this.#options.onAttached();
    }
  }

  #refuse(reason: string): void {
    this.#options.log.warn('refused an app', { reason });
    this.#send({ type: 'refused', reason });
    this.#frames.end();
  }

  async #perform(call: WorkerCall): Promise<void> {
    try {
      this.#reply(call.id, await this.#options.perform(call));
    } catch (error) {
      this.#options.log.error('a request failed', { type: call.type, error: String((error as Error).stack ?? error) });
      this.#reply(call.id, { ok: false, error: { code: 'internal', message: `The worker failed: ${String(error)}` } });
    }
  }

  #follow(id: number, runId: RunId, afterSeq: number): void {
    this.#unfollow(runId);
    const feed =
      this.#feeds.size >= feedsMax
        ? null
        : this.#options.openFeed(runId, afterSeq, async (message) => {
            if (!this.#send(message)) return false;
            await this.#frames.drained();
            return !this.#frames.closed;
          });
    if (feed === null) {
      this.#reply(id, { ok: false, error: { code: 'not-found', message: 'The worker does not know this run.' } });
      return;
    }
    this.#feeds.set(runId, feed);
    this.#reply(id, { ok: true, value: null });
    feed.wake();
  }

  #unfollow(runId: RunId): void {
    this.#feeds.get(runId)?.dispose();
    this.#feeds.delete(runId);
  }

  #reply(id: number, result: Result<unknown, WorkerRefusal>): void {
    this.#send({
      type: 'reply',
      id,
      result: result.ok
        ? { ok: true, value: result.value }
        : { ok: false, code: result.error.code, message: result.error.message },
    });
  }

  #send(message: WorkerMessage): boolean {
    return this.#frames.send(message);
  }
}

function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
