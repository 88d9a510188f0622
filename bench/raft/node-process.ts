/** One Raft node as a process of its own, with a socket for clients. Its parent tells it everything and ends it. */
import { createServer, type Socket } from 'node:net';
import { systemClock } from '#main/platform/clock.ts';
import { systemRandom } from '#main/platform/random.ts';
import type { ConfState } from '#main/raft/core/message.ts';
import { openNodeFiles } from '#main/raft/host/node-files.ts';
import { RaftHost } from '#main/raft/host/raft-host.ts';
import { FrameReader } from '#main/raft/transport/frame-stream.ts';
import { TcpTransport, type TcpAddress } from '#main/raft/transport/tcp-transport.ts';
import { openStateMachine } from '#main/state/state-machine.ts';
import { decodeRequest, encodeResponse } from './client-protocol.ts';
import { FrameWriter } from './frame-writer.ts';

/** From the parent: first where to listen, then who the others are. */
export type NodeOrder =
  | { readonly type: 'listen'; readonly peer: number; readonly folder: string; readonly voters: readonly number[] }
  | { readonly type: 'meet'; readonly peers: readonly (readonly [number, TcpAddress])[] };

/** To the parent. */
export type NodeNews =
  | { readonly type: 'listening'; readonly peerPort: number; readonly clientPort: number }
  | { readonly type: 'leader'; readonly leader: number };

const group = 1;
const requestBytesMax = 16 * 1024 * 1024;
const loopback = '127.0.0.1';
const silent = { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error };
const log = { ...silent, child: () => log };

/** One for each client. */
const writers = new Set<FrameWriter>();

function tell(news: NodeNews): void {
  process.send?.(news);
}

function serve(host: RaftHost, socket: Socket): void {
  socket.setNoDelay(true);
  const reader = new FrameReader(requestBytesMax);
  const writer = new FrameWriter(socket);
  writers.add(writer);
  socket.on('close', () => writers.delete(writer));
  socket.on('data', (piece: Buffer) => {
    for (const frame of reader.push(piece)) {
      const { id, data } = decodeRequest(frame);
      host.propose(data, (outcome) => writer.write(encodeResponse(id, outcome)));
    }
  });
  socket.on('error', () => socket.destroy());
}

let host: RaftHost | null = null;
let transport: TcpTransport | null = null;

async function listen(order: Extract<NodeOrder, { type: 'listen' }>): Promise<void> {
  const { peer, folder, voters } = order;
  const founding: ConfState = { voters, votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
  const files = openNodeFiles({ folder, identity: { group, peer }, mustExist: false, founding, openStateMachine });
  const peers = new Map<number, TcpAddress>();
  transport = await TcpTransport.listen({
    group,
    peer,
    listen: { host: loopback, port: 0 },
    peers,
    clock: systemClock,
    log,
  });
  const node = new RaftHost({
    group,
    peer,
    files,
    transport,
    clock: systemClock,
    random: systemRandom,
    log,
    events: {
      applied: () => {
        for (const writer of writers) writer.flush();
      },
      restored: () => undefined,
      changed: () => tell({ type: 'leader', leader: node.status().leader }),
      failed: (error) => {
        console.error(error);
        process.exit(1);
      },
    },
  });
  host = node;
  const server = createServer((socket) => serve(node, socket));
  server.listen(0, loopback, () => {
    const address = server.address();
    if (typeof address !== 'object' || !address || !transport) throw new Error('the client port is not open');
    tell({ type: 'listening', peerPort: transport.port, clientPort: address.port });
  });
}

process.on('message', (order: NodeOrder) => {
  if (order.type === 'listen') void listen(order);
  else for (const [peer, address] of order.peers) transport?.setPeer(peer, address);
});
process.on('disconnect', () => {
  host?.dispose();
  process.exit(0);
});
