import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { bindWebSocket } from './websocket.ts';

it('drops a client that does not answer the heartbeat, and no other', () => {
  const socket = Object.assign(new EventEmitter(), {
    addEventListener: vi.fn(),
    ping: vi.fn(),
    terminate: vi.fn(),
  });
  let beat: () => void = () => undefined;
  const dispose = vi.fn();
  bindWebSocket(socket as unknown as WebSocket, {
    every(_intervalMs, callback) {
      beat = callback;
      return { dispose };
    },
  });
  beat();
  expect(socket.ping).toHaveBeenCalledTimes(1);
  socket.emit('pong');
  beat();
  expect(socket.ping).toHaveBeenCalledTimes(2);
  expect(socket.terminate).not.toHaveBeenCalled();
  beat();
  expect(socket.terminate).toHaveBeenCalledTimes(1);
  socket.emit('close');
  expect(dispose).toHaveBeenCalledTimes(1);
});
