/** One connection to a worker, from the handshake to its end. */
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { z } from 'zod';
import type { Disposable } from '#shared/base/disposable.ts';
import { fail, ok, type Result } from '#shared/base/result.ts';
import {
  type WorkerMessage,
  type WorkerRequest,
  workerFrameBytesMax,
  workerMessageSchema,
} from '#shared/contract/worker-protocol.ts';
import { workerProtocolVersion } from '#shared/contract/version.ts';
import { FramedSocket } from '../platform/framed-socket.ts';
import type { WorkerFolder } from '../platform/worker-folder.ts';
import type { Clock } from '../ports/clock.ts';
import type { WorkerRefusal } from '../ports/worker.ts';

/** A request without its id, which the link gives. */
export type WorkerCall = WithoutId<Exclude<WorkerRequest, { type: 'hello' }>>;
type WithoutId<Request> = Request extends { id: number } ? Omit<Request, 'id'> : never;

export type Welcome = Extract<WorkerMessage, { type: 'welcome' }>;
export type WorkerNotice = Extract<WorkerMessage, { type: 'heartbeat' | 'entries' | 'ended' }>;

/** Why there is no link: `absent` can be cured by starting a worker, `refused` cannot. */
export interface LinkFailure {
  readonly kind: 'absent' | 'refused';
  readonly reason: string;
}

export interface LinkOptions {
  readonly folder: WorkerFolder;
  readonly clock: Clock;
  readonly onNotice: (notice: WorkerNotice) => void;
  /** Called once for a link that was established. */
  readonly onClose: (reason: string) => void;
}

const identitySchema = z.object({
  pid: z.number().int(),
  startedAtMs: z.number(),
  socket: z.string(),
  secret: z.string(),
});
const handshakeMs = 5_000;
const pendingBytesMax = 64 * 1024 * 1024;
const refusalCodes = [
  'agent-missing',
  'not-found',
  'wrong-state',
  'worker-unavailable',
  'disk-full',
  'internal',
] as const;
const refusalCodeSchema = z.enum(refusalCodes).catch('internal');

export class WorkerLink {
  readonly welcome: Welcome;
  readonly #frames: FramedSocket<typeof workerMessageSchema>;
  readonly #clock: Clock;
  readonly #pending = new Map<number, (result: Result<unknown, WorkerRefusal>) => void>();
  #nextId = 1;
  #resolveClosed = (): void => undefined;

  /** Resolves when the connection has ended. */
  readonly closed = new Promise<void>((resolve) => {
    this.#resolveClosed = resolve;
  });

  constructor(welcome: Welcome, frames: FramedSocket<typeof workerMessageSchema>, clock: Clock) {
    this.welcome = welcome;
    this.#frames = frames;
    this.#clock = clock;
  }

  /** Asks and waits; a link that ends meanwhile, or silence for `timeoutMs`, is `worker-unavailable`. */
  request(call: WorkerCall, timeoutMs: number): Promise<Result<unknown, WorkerRefusal>> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve) => {
      const timer: Disposable = this.#clock.after(timeoutMs, () => settle(unavailable('The worker does not answer.')));
      const settle = (result: Result<unknown, WorkerRefusal>): void => {
        timer.dispose();
        this.#pending.delete(id);
        resolve(result);
      };
      this.#pending.set(id, settle);
      if (!this.#frames.send({ ...call, id })) settle(unavailable('The connection to the worker was closed.'));
    });
  }

  takeReply(reply: Extract<WorkerMessage, { type: 'reply' }>): void {
    const { result } = reply;
    this.#pending.get(reply.id)?.(
      result.ok ? ok(result.value) : fail({ code: refusalCodeSchema.parse(result.code), message: result.message }),
    );
  }

  /** Settles all that still waits. */
  abandon(): void {
    for (const settle of this.#pending.values()) settle(unavailable('The connection to the worker was lost.'));
    this.#resolveClosed();
  }

  close(): void {
    this.#frames.close('the app detached');
  }
}

/** A refusal for want of a worker; safe to repeat. */
export function unavailable(message: string): Result<never, WorkerRefusal> {
  return fail({ code: 'worker-unavailable', message });
}

/** Connects to the worker that serves `folder`, if there is one. */
export function openLink(options: LinkOptions): Promise<Result<WorkerLink, LinkFailure>> {
  const found = readIdentity(options.folder);
  if (!found.ok) return Promise.resolve(found);
  const identity = found.value;
  return new Promise((resolve) => {
    let link: WorkerLink | null = null;
    let refusal: string | null = null;
    const socket = createConnection(identity.socket);
    const frames = new FramedSocket(socket, {
      schema: workerMessageSchema,
      frameBytesMax: workerFrameBytesMax,
      pendingBytesMax,
      onFrame(message) {
        if (message.type === 'welcome' && link === null) {
          timer.dispose();
          link = new WorkerLink(message, frames, options.clock);
          resolve(ok(link));
        } else if (message.type === 'refused') refusal = message.reason;
        else if (message.type === 'reply') link?.takeReply(message);
        else if (message.type !== 'welcome') options.onNotice(message);
      },
      onClose(reason) {
        timer.dispose();
        if (link !== null) {
          link.abandon();
          options.onClose(reason);
        } else if (refusal !== null) resolve(fail({ kind: 'refused', reason: refusal }));
        else resolve(fail({ kind: 'absent', reason }));
      },
    });
    const timer = options.clock.after(handshakeMs, () => frames.close('the worker does not answer the handshake'));
    socket.once('connect', () => {
      frames.send({ type: 'hello', protocolVersion: workerProtocolVersion, secret: identity.secret });
    });
  });
}

/** A file that cannot be read, unlike one that is not there, is nothing that another worker could cure. */
function readIdentity(folder: WorkerFolder): Result<z.infer<typeof identitySchema>, LinkFailure> {
  const absent = fail<LinkFailure>({ kind: 'absent', reason: 'No worker is running.' });
  try {
    const parsed = identitySchema.safeParse(JSON.parse(readFileSync(folder.identity, 'utf8')));
    return parsed.success ? ok(parsed.data) : absent;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return absent;
    return fail({ kind: 'refused', reason: `${folder.identity} cannot be read: ${String(error)}` });
  }
}
