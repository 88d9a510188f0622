import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { describeContractOver } from '../conformance.ts';
import { frameBytesMax } from '../codec.ts';
import type { Port } from '../port.ts';
import { connectWebSocket, type WebSocketLike, webSocketPort, webSocketProtocol } from './websocket.ts';

async function openServer() {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    maxPayload: frameBytesMax,
    handleProtocols: (offered) => (offered.has(webSocketProtocol) ? webSocketProtocol : false),
  });
  await once(server, 'listening');
  return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/contract` };
}

describeContractOver('a real WebSocket', async () => {
  const { server, url } = await openServer();
  return {
    async connect() {
      const hostPort = new Promise<Port>((resolve) => {
        server.once('connection', (socket) => resolve(webSocketPort(socket as unknown as WebSocketLike)));
      });
      const clientPort = await connectWebSocket(url, 'token');
      return { clientPort, hostPort: await hostPort };
    },
    async close() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
});

it('says when nothing answers at an address', async () => {
  const { server, url } = await openServer();
  await new Promise((resolve) => server.close(resolve));
  await expect(connectWebSocket(url, 'token')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
});

it('closes on a text message', async () => {
  const { server, url } = await openServer();
  server.once('connection', (socket) => socket.send('hello'));
  const port = await connectWebSocket(url, 'token');
  const closure = await new Promise((resolve) => port.onClose(resolve));
  expect(closure).toMatchObject({ kind: 'failed' });
  for (const socket of server.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
});
