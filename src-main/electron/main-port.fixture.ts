/** Ports as they arrive in Electron's main process, without Electron. */
import { EventEmitter } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { portWanted } from '#shared/contract/connect/port-handover.ts';
import { electronStandIn, type StandInContents } from './electron-stand-in.fixture.ts';

/** Shapes a standard port as Electron's. */
function mainPort(port: MessagePort) {
  const emitter = new EventEmitter();
  port.addEventListener('message', (event) => emitter.emit('message', { data: (event as MessageEvent).data }));
  port.addEventListener('close', () => emitter.emit('close'));
  return Object.assign(emitter, {
    postMessage: (message: unknown) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
  });
}

/** Does what the preload does, as the main process sees it, and answers the page's end of the port. */
export function bringPort(
  contents: StandInContents,
  change: { sender?: { id: number }; senderFrame?: unknown } = {},
): MessagePort {
  const { port1, port2 } = new MessageChannel();
  const event = { sender: contents, senderFrame: contents.mainFrame, ports: [mainPort(port2)], ...change };
  electronStandIn.ipcMain.emit(portWanted, event);
  return port1;
}
