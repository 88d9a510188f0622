/**
 * One engine at one address and API version. A request is asked once, has a deadline and answers
 * a value, a stream, or why neither came. Parameters go into the query only where Docker's API has
 * them there, bodies never do.
 */
import { Agent, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { type Duplex, Readable } from 'node:stream';
import { inspect } from 'node:util';
import type Docker from 'dockerode';
import type { z } from 'zod';
import type { Disposable } from '#shared/base/disposable.ts';
import { fail, ok } from '#shared/base/result.ts';
import type { Clock } from '../ports/clock.ts';
import type { EngineRefusal, EngineResult } from '../ports/engine.ts';
import { type EngineEndpoint, endpointText } from './engine-endpoint.ts';
import {
  refusalOfAbort,
  refusalOfAnswer,
  refusalOfClose,
  refusalOfDeadline,
  refusalOfFailure,
  refusalOfSource,
} from './engine-refusal.ts';

/** One request to the engine. */
export interface EngineRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** From `enginePath`; without the API version. */
  readonly path: string;
  /** Never anything of a spec: engines and proxies log addresses. Objects are sent as JSON. */
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: object;
  /** A tar in place of a JSON body. It is consumed or destroyed. */
  readonly upload?: Buffer | Readable;
  readonly headers?: Readonly<Record<string, string>>;
  /** Until the whole answer is there; for streams, until it begins. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  /** What it is for, in words that go on after "to": "start the container". */
  readonly doing: string;
}

/** A path whose values are escaped. */
export function enginePath(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return parts.map((part, index) => part + encodeURIComponent(values[index] ?? '')).join('');
}

/** Every status is an answer: what they mean is decided here, not in dockerode. */
const everyStatus: Readonly<Record<number, true>> = Object.fromEntries(
  Array.from({ length: 500 }, (_, index) => [index + 100, true]),
);
/** Larger ones than any list of containers or images. */
const answerBytesMax = 64 * 1_024 * 1_024;

interface Sent {
  readonly status: number;
  readonly answer: IncomingMessage | Duplex;
}

export class EngineConnection implements Disposable {
  readonly endpoint: EngineEndpoint;
  readonly #docker: Docker;
  readonly #agent: Agent;
  readonly #clock: Clock;
  /** Aborts each request and stream that is open. */
  readonly #open = new Set<AbortController>();
  #disposed = false;

  private constructor(docker: Docker, agent: Agent, endpoint: EngineEndpoint, clock: Clock) {
    this.#docker = docker;
    this.#agent = agent;
    this.#clock = clock;
    this.endpoint = endpoint;
  }

  /** Prepares to talk to `endpoint`; nothing is sent yet. `apiVersion` null asks without one, for finding it. */
  static async to(endpoint: EngineEndpoint, apiVersion: string | null, clock: Clock): Promise<EngineConnection> {
    // Loaded where an engine may be: it takes a tenth of a second.
    const { default: DockerClient } = await import('dockerode');
    const agent = openAgent(endpoint);
    const docker = new DockerClient({
      socketPath: endpoint.kind === 'socket' ? endpoint.path : undefined,
      host: endpoint.kind === 'tcp' ? endpoint.host : undefined,
      port: endpoint.kind === 'tcp' ? endpoint.port : undefined,
      protocol: endpoint.kind === 'tcp' && endpoint.tls !== null ? 'https' : 'http',
      pathPrefix: '/',
      version: apiVersion === null ? undefined : `v${apiVersion}`,
      agent,
      ca: undefined,
      cert: undefined,
      key: undefined,
      timeout: undefined,
    });
    return new EngineConnection(docker, agent, endpoint, clock);
  }

  /** Asks for JSON and reads it whole. */
  async ask<T>(request: EngineRequest, schema: z.ZodType<T>): Promise<EngineResult<T>> {
    const text = await this.tell(request);
    if (!text.ok) return text;
    const parsed = schema.safeParse(parseJson(text.value));
    if (parsed.success) return ok(parsed.data);
    const issue = parsed.error.issues[0];
    const detail = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`;
    return fail({
      reason: 'refused',
      message: `The answer of the engine at ${endpointText(this.endpoint)} was not understood when asked to ${request.doing} (${detail}). Is it a Docker engine?`,
      detail,
    });
  }

  /** Asks for something to be done; answers what the engine said to it, mostly nothing. */
  async tell(request: EngineRequest): Promise<EngineResult<string>> {
    const open = new AbortController();
    return this.#bounded(request, open, async () => {
      const sent = await this.#send(request, open, false);
      const text = await readText(sent.answer);
      // 304: it is so already.
      if (sent.status < 400) return ok(text);
      return fail(refusalOfAnswer(sent.status, messageOf(text), request.doing));
    });
  }

  /** Asks for a stream. Its end, failure or destruction frees the connection. */
  async open(request: EngineRequest): Promise<EngineResult<IncomingMessage>> {
    const opened = await this.#opened(request, false);
    return opened as EngineResult<IncomingMessage>;
  }

  /** Asks for the connection itself, in both directions. */
  async hijack(request: EngineRequest): Promise<EngineResult<Duplex>> {
    const opened = await this.#opened(request, true);
    if (!opened.ok || !('statusCode' in opened.value)) return opened as EngineResult<Duplex>;
    opened.value.destroy();
    const detail = `status ${opened.value.statusCode ?? 0} without an upgrade`;
    return fail({ reason: 'refused', message: `The engine did not open a connection to ${request.doing}.`, detail });
  }

  /** Ends all requests and streams. */
  dispose(): void {
    this.#disposed = true;
    for (const open of this.#open) open.abort();
    this.#agent.destroy();
  }

  async #opened(request: EngineRequest, hijack: boolean): Promise<EngineResult<IncomingMessage | Duplex>> {
    const open = new AbortController();
    const result = await this.#bounded(request, open, async () => {
      const sent = await this.#send(request, open, hijack);
      if (sent.status < 400) return ok(sent.answer);
      return fail(refusalOfAnswer(sent.status, messageOf(await readText(sent.answer)), request.doing));
    });
    if (!result.ok) return result;
    const stream = result.value;
    const cut = (): void => void stream.destroy(new Error('the connection was closed'));
    // Whoever reads the stream is told of its failure by the reading; without a reader it is nobody's.
    stream.on('error', () => stream.destroy());
    if (this.#disposed) cut();
    this.#open.add(open);
    open.signal.addEventListener('abort', cut, { once: true });
    const end = (): void => open.abort();
    request.signal?.addEventListener('abort', end, { once: true });
    stream.once('close', () => {
      this.#open.delete(open);
      request.signal?.removeEventListener('abort', end);
    });
    return ok(stream);
  }

  /** Runs `job` until the deadline or the caller's signal, and says what ended it. */
  async #bounded<T>(
    request: EngineRequest,
    open: AbortController,
    job: () => Promise<EngineResult<T>>,
  ): Promise<EngineResult<T>> {
    const where = endpointText(this.endpoint);
    let ended: EngineRefusal | null = null;
    const end = (refusal: EngineRefusal): void => {
      ended ??= refusal;
      open.abort();
    };
    const cancel = (): void => end(refusalOfAbort(request.doing));
    const deadline = this.#clock.after(request.deadlineMs, () =>
      end(refusalOfDeadline(request.deadlineMs, request.doing)),
    );
    request.signal?.addEventListener('abort', cancel, { once: true });
    if (request.signal?.aborted) cancel();
    if (this.#disposed) end(refusalOfClose(request.doing));
    const { upload } = request;
    if (upload instanceof Readable) upload.once('error', (error) => end(refusalOfSource(error, request.doing)));
    this.#open.add(open);
    try {
      return await job();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return fail(ended ?? (this.#disposed ? refusalOfClose(request.doing) : refusalOfFailure(error, where)));
    } finally {
      deadline.dispose();
      request.signal?.removeEventListener('abort', cancel);
      this.#open.delete(open);
      if (upload instanceof Readable && !upload.readableEnded) upload.destroy();
    }
  }

  #send(request: EngineRequest, open: AbortController, hijack: boolean): Promise<Sent> {
    const { promise, resolve, reject } = Promise.withResolvers<Sent>();
    // The request may be aborted after it was answered and before that was read.
    open.signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    this.#docker.modem.dial(
      {
        method: request.method,
        path: request.query === undefined ? request.path : `${request.path}?`,
        options: { _query: request.query ?? {}, _body: request.body ?? {} },
        headers: quiet(
          {
            ...request.headers,
            ...(request.upload === undefined ? {} : { 'Content-Type': 'application/x-tar' }),
          },
          'headers',
        ),
        ...(request.upload === undefined ? {} : { file: request.upload }),
        abortSignal: quiet(open.signal, 'signal'),
        isStream: true,
        hijack,
        statusCodes: everyStatus,
      },
      (error, answer) => {
        if (error) reject(error);
        else resolve({ status: 'statusCode' in answer ? (answer.statusCode ?? 0) : 101, answer });
      },
    );
    return promise;
  }
}

function openAgent(endpoint: EngineEndpoint): Agent {
  const tls = endpoint.kind === 'tcp' ? endpoint.tls : null;
  const agent =
    tls === null
      ? new Agent({ keepAlive: true })
      : new TlsAgent({
          keepAlive: true,
          rejectUnauthorized: tls.verifies,
          ...(tls.ca === null ? {} : { ca: tls.ca }),
          ...(tls.cert === null ? {} : { cert: tls.cert }),
          ...(tls.key === null ? {} : { key: tls.key }),
        });
  return quiet(agent, 'agent');
}

/**
 * docker-modem describes each request to the last hidden field for a debug line, whether or not
 * anybody reads it; with an agent's sockets in it that takes 25 ms a request. What describes itself
 * is cheap, and keeps logins out of that line.
 */
function quiet<T extends object>(value: T, name: string): T {
  return Object.defineProperty(value, inspect.custom, { value: () => name, enumerable: false });
}

async function readText(answer: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > answerBytesMax) throw new Error(`an answer of more than ${answerBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON: the schema says what is wrong with it.
    return text;
  }
}

/** Engines say what is wrong as `{"message": …}`; proxies before them say it as they like. */
function messageOf(text: string): string {
  const parsed = parseJson(text);
  const message = typeof parsed === 'object' && parsed !== null && 'message' in parsed ? parsed.message : null;
  return typeof message === 'string' ? message : text.slice(0, 2_000).trim();
}
