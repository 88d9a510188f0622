/**
 * Frames between nodes over TCP, with mutual TLS where it is given and always off loopback.
 *
 * Each node dials every other one and sends on the connection it dialled; what it accepts it
 * only reads. So there is no tie to break when two dial each other at once. A connection that
 * ends is dialled again, at once at first, then with growing pauses.
 */
import { isIP, connect as connectPlain, createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { Disposable } from '#shared/base/disposable.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { PeerId } from '../core/message.ts';
import { MalformedFrameError } from './byte-writer.ts';
import { FrameReader, writeFrame } from './frame-stream.ts';
import { decodeHello, encodeHello } from './handshake.ts';
import type { PeerTransport } from './peer-transport.ts';

/** PEM texts. The certificate's subject has to carry the common name `node-<peer>`. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
  /** Signs the certificates of all nodes; nothing else is trusted. */
  readonly ca: string;
}

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

export interface TcpTransportOptions {
  readonly group: number;
  readonly peer: PeerId;
  readonly listen: TcpAddress;
  readonly peers: ReadonlyMap<PeerId, TcpAddress>;
  readonly tls?: TlsIdentity;
  readonly clock: Clock;
  readonly log: Log;
}

const frameBytesMax = 64 * 1024 * 1024;
/** Unsent bytes to one peer beyond which frames are dropped: the core sends again, at the peer's pace. */
const pendingBytesMax = 32 * 1024 * 1024;
const dialAgainMsMin = 50;
const dialAgainMsMax = 2_000;
const helloTimeoutMs = 5_000;

interface Outgoing {
  readonly address: TcpAddress;
  socket: Socket | null;
  connected: boolean;
  dialAgainMs: number;
  redial: Disposable | null;
}

/** See the file's comment. Made by `TcpTransport.listen`. */
export class TcpTransport implements PeerTransport {
  readonly #options: TcpTransportOptions;
  readonly #server: Server;
  readonly #outgoing = new Map<PeerId, Outgoing>();
  readonly #incoming = new Set<Socket>();
  #disposed = false;
  onFrame: (from: PeerId, frame: Uint8Array) => void = () => undefined;
  onDidLosePeer: (peer: PeerId) => void = () => undefined;

  private constructor(options: TcpTransportOptions) {
    this.#options = options;
    const { tls } = options;
    const accept = (socket: Socket): void => this.#accept(socket);
    this.#server = tls
      ? createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' }, accept)
      : createPlainServer(accept);
  }

  /** Listens and begins to dial. Rejects with `invalid-input` off loopback without TLS, `port-taken` when the port is. */
  static async listen(options: TcpTransportOptions): Promise<TcpTransport> {
    const addresses = [options.listen, ...options.peers.values()];
    const exposed = addresses.find(({ host }) => !isLoopback(host));
    if (exposed && !options.tls) {
      throw new GantryError(
        'invalid-input',
        `Nodes may talk off this machine (${exposed.host}) only over mutual TLS. Nothing was opened; give key, cert and ca.`,
      );
    }
    const transport = new TcpTransport(options);
    await new Promise<void>((resolve, reject) => {
      const { host, port } = options.listen;
      transport.#server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE') return reject(error);
        const message = `Port ${port} on ${host} is taken by another program. Nothing was changed; choose another port.`;
        reject(new GantryError('port-taken', message, { cause: error }));
      });
      transport.#server.listen(port, host, () => resolve());
    });
    for (const [peer, address] of options.peers) transport.setPeer(peer, address);
    return transport;
  }

  /** The port that it listens on. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Adds a peer, or gives it another address. */
  setPeer(peer: PeerId, address: TcpAddress): void {
    if (peer === this.#options.peer) return;
    this.#drop(peer);
    const outgoing = { address, socket: null, connected: false, dialAgainMs: dialAgainMsMin, redial: null };
    this.#outgoing.set(peer, outgoing);
    this.#dial(peer, outgoing);
  }

  send(to: PeerId, frame: Uint8Array): boolean {
    const outgoing = this.#outgoing.get(to);
    if (!outgoing?.socket || !outgoing.connected) return false;
    if (outgoing.socket.writableLength > pendingBytesMax) return false;
    writeFrame(outgoing.socket, frame);
    return true;
  }

  dispose(): void {
    this.#disposed = true;
    for (const peer of [...this.#outgoing.keys()]) this.#drop(peer);
    for (const socket of this.#incoming) socket.destroy();
    this.#server.close();
  }

  #drop(peer: PeerId): void {
    const outgoing = this.#outgoing.get(peer);
    this.#outgoing.delete(peer);
    outgoing?.redial?.dispose();
    outgoing?.socket?.destroy();
  }

  #dial(peer: PeerId, outgoing: Outgoing): void {
    const { tls, clock, log, group, peer: self } = this.#options;
    const { host, port } = outgoing.address;
    const socket = tls
      ? // The name that counts is the node's, checked below; hosts come and go.
        connectTls({ ...tls, host, port, minVersion: 'TLSv1.3', checkServerIdentity: () => undefined })
      : connectPlain({ host, port });
    outgoing.socket = socket;
    socket.setNoDelay(true);
    socket.on(tls ? 'secureConnect' : 'connect', () => {
      if (tls && !isPeer(socket as TLSSocket, peer)) {
        log.warn('the node at an address is not the one that is expected', { peer, host, port });
        socket.destroy();
        return;
      }
      outgoing.connected = true;
      outgoing.dialAgainMs = dialAgainMsMin;
      writeFrame(socket, encodeHello({ group, peer: self }));
    });
    // Peers answer on their own connections; reading is how the end of this one is noticed.
    socket.resume();
    socket.on('error', (error) => log.debug('a connection to a node failed', { peer, reason: error.message }));
    socket.on('close', () => {
      const wasConnected = outgoing.connected;
      outgoing.connected = false;
      outgoing.socket = null;
      if (this.#disposed || this.#outgoing.get(peer) !== outgoing) return;
      if (wasConnected) this.onDidLosePeer(peer);
      outgoing.redial = clock.after(outgoing.dialAgainMs, () => this.#dial(peer, outgoing));
      outgoing.dialAgainMs = Math.min(outgoing.dialAgainMs * 2, dialAgainMsMax);
    });
  }

  #accept(socket: Socket): void {
    const { clock, log, group, tls } = this.#options;
    this.#incoming.add(socket);
    socket.setNoDelay(true);
    const reader = new FrameReader(frameBytesMax);
    let from: PeerId | null = null;
    const late = clock.after(helloTimeoutMs, () => socket.destroy());
    socket.on('data', (piece: Buffer) => {
      try {
        for (const frame of reader.push(piece)) {
          if (from === null) {
            from = decodeHello(frame, group).peer;
            if (tls && !isPeer(socket as TLSSocket, from)) {
              throw new MalformedFrameError(`its certificate is not that of node-${from}`);
            }
            late.dispose();
          } else {
            this.onFrame(from, frame);
          }
        }
      } catch (error) {
        if (!(error instanceof MalformedFrameError)) throw error;
        log.warn('a connection was refused', { from, remote: socket.remoteAddress, reason: error.message });
        socket.destroy();
      }
    });
    socket.on('error', (error) => log.debug('a connection of a node failed', { from, reason: error.message }));
    socket.on('close', () => {
      late.dispose();
      this.#incoming.delete(socket);
    });
  }
}

/** Whether the certificate at the other end names `node-<peer>`. */
function isPeer(socket: TLSSocket, peer: PeerId): boolean {
  return socket.authorized && socket.getPeerCertificate().subject?.CN === `node-${peer}`;
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
