/**
 * The little of dockerode that is used: it addresses an engine (sockets, pipes, TLS) and carries
 * one request to it. The package has no types of its own.
 */
declare module 'dockerode' {
  import type { Agent, IncomingMessage } from 'node:http';
  import type { Duplex, Readable } from 'node:stream';

  /** What one request is made of, for `Modem.dial`. */
  interface DialOptions {
    /** With `?` at its end where `options._query` is to be appended. */
    readonly path: string;
    readonly method: string;
    /** Taken whole: what is not named here is not sent. */
    readonly headers?: Record<string, string>;
    /** Both in an object of their own, or dockerode puts the body into the address as well. */
    readonly options?: { readonly _query: Readonly<Record<string, unknown>>; readonly _body: object };
    /** A body that is not JSON. */
    readonly file?: Buffer | Readable;
    readonly abortSignal?: AbortSignal;
    /** Hand over the answer as soon as its head is there. */
    readonly isStream: true;
    readonly hijack?: boolean;
    /** Which statuses are answers rather than errors. */
    readonly statusCodes: Readonly<Record<number, true>>;
  }

  interface Modem {
    /** Calls back with the answer, or with the connection's socket where the engine upgraded it. */
    dial(options: DialOptions, callback: (error: Error | null, answer: IncomingMessage | Duplex) => void): void;
  }

  /** Each is given, if as undefined: what is missing would be taken from `DOCKER_HOST` and its like. */
  interface DockerOptions {
    readonly socketPath: string | undefined;
    readonly host: string | undefined;
    readonly port: number | undefined;
    readonly protocol: 'http' | 'https';
    readonly pathPrefix: string;
    readonly version: string | undefined;
    readonly agent: Agent;
    readonly ca: undefined;
    readonly cert: undefined;
    readonly key: undefined;
    readonly timeout: undefined;
  }

  export default class Docker {
    constructor(options: DockerOptions);
    readonly modem: Modem;
  }
}
