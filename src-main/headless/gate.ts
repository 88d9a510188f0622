/**
 * Who may talk to the headless host. A page of another site can send requests to loopback from
 * the same browser, and a name of another site can be made to resolve to it: so that each
 * request must name this host and port, and each connection must come from this host's page
 * and carry the token of this start, or a ticket that an earlier connection was given.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { webSocketTokenPrefix } from '#shared/contract/connect/websocket.ts';

/** Why a request is turned away, as an HTTP status and words for the person. */
export interface Refusal {
  readonly status: 403 | 404 | 405 | 421;
  readonly reason: string;
}

/** What of a request the gate looks at. */
export interface GatedRequest {
  readonly method: string | undefined;
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** The path on which the contract is served. */
export const contractPath = '/contract';

/** Checks a request for a file. Files are no secret; but only this host's own page may ask. */
export function refuseRequest(request: GatedRequest, port: number): Refusal | null {
  const refusal = refuseHost(request, port);
  if (refusal !== null) return refusal;
  if (request.origin !== undefined && request.origin !== originOf(request)) {
    return { status: 403, reason: 'This address answers only its own page.' };
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, reason: 'Only GET and HEAD are answered here.' };
  }
  return null;
}

/** Checks a request for a WebSocket, all but its token. Every browser names the origin; so must others. */
export function refuseUpgrade(request: GatedRequest, port: number): Refusal | null {
  const refusal = refuseHost(request, port);
  if (refusal !== null) return refusal;
  if (request.origin !== originOf(request)) {
    return { status: 403, reason: 'This address answers only its own page.' };
  }
  if (request.path !== contractPath) return { status: 404, reason: `The contract is served at ${contractPath}.` };
  return null;
}

function refuseHost(request: GatedRequest, port: number): Refusal | null {
  if (request.host === `127.0.0.1:${port}` || request.host === `localhost:${port}`) return null;
  return { status: 421, reason: `This is Gantry at 127.0.0.1:${port}. It does not answer to other names.` };
}

function originOf(request: GatedRequest): string {
  return `http://${request.host}`;
}

/** The token among the subprotocols that a client offers, in `Sec-WebSocket-Protocol`. */
export function offeredToken(subprotocols: string | undefined): string | null {
  for (const offered of (subprotocols ?? '').split(',')) {
    const name = offered.trim();
    if (name.startsWith(webSocketTokenPrefix)) return name.slice(webSocketTokenPrefix.length);
  }
  return null;
}

/** Compares digests, so that neither the time nor the length tells anything of the token. */
export function isToken(offered: string | null, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(offered ?? ''), digest(token)) && offered !== null;
}
