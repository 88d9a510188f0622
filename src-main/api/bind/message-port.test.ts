import { EventEmitter } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { describeContractOver } from '#shared/contract/conformance.ts';
import { messagePort } from '#shared/contract/connect/message-port.ts';
import type { PortClosure } from '#shared/contract/port.ts';
import { bindMessagePort, type MainProcessPort } from './message-port.ts';

/** Shapes a standard port as Electron's: an emitter whose messages are `{ data }`. */
function asMainProcessPort(port: MessagePort): MainProcessPort {
  const emitter = new EventEmitter();
  port.addEventListener('message', (event) => emitter.emit('message', { data: (event as MessageEvent).data }));
  port.addEventListener('close', () => emitter.emit('close'));
  return {
    on: (event: string, listener: (event: { data: unknown }) => void) => emitter.on(event, listener),
    postMessage: (message) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
  };
}

describeContractOver('a port of the Electron kind', async () => ({
  async connect() {
    const { port1, port2 } = new MessageChannel();
    return { clientPort: messagePort(port1), hostPort: bindMessagePort(asMainProcessPort(port2)) };
  },
  async close() {},
}));

it('notices when the page goes without a word', async () => {
  const { port1, port2 } = new MessageChannel();
  const port = bindMessagePort(asMainProcessPort(port2));
  const closed = new Promise<PortClosure>((resolve) => port.onClose(resolve));
  port1.close();
  expect(await closed).toEqual({ kind: 'failed', detail: 'the other side went away' });
});
