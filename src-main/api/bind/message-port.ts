/** Electron's end of a MessageChannel as a port. Typed by its members, so that only the shell imports Electron. */
import { messagePortOver } from '#shared/contract/connect/message-port.ts';
import type { Port } from '#shared/contract/port.ts';

/** The members of Electron's `MessagePortMain` that are needed here. */
export interface MainProcessPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
}

/** Takes over the port and starts it. */
export function bindMessagePort(port: MainProcessPort): Port {
  return messagePortOver({
    post: (message) => port.postMessage(message),
    onMessage(listener) {
      port.on('message', (event) => listener(event.data));
      port.start();
    },
    onClose: (listener) => port.on('close', listener),
    close: () => port.close(),
  });
}
