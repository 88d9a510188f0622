/** Serves the contract on a socket of the `ws` server, and notices when its client is gone. */
import type { WebSocket } from 'ws';
import type { Clock } from '#main/ports/clock.ts';
import type { Disposable } from '#shared/base/disposable.ts';
import { type WebSocketLike, webSocketPort } from '#shared/contract/connect/websocket.ts';
import type { Port } from '#shared/contract/port.ts';

/** A silent client is asked this often, and dropped when it has not answered by the next time. */
const heartbeatMs = 30_000;

/** The socket as a port. A browser answers the heartbeat by itself, also for a page in the background. */
export function bindWebSocket(socket: WebSocket, timers: Pick<Clock, 'every'>): Port {
  // `ws` has the standard's members; only its listeners are typed in its own way.
  const port = webSocketPort(socket as unknown as WebSocketLike);
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const heartbeat: Disposable = timers.every(heartbeatMs, () => {
    if (!answered) {
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
  });
  socket.once('close', () => heartbeat.dispose());
  return port;
}
