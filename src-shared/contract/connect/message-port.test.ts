import { describe, expect, it } from 'vitest';
import { describeContractOver } from '../conformance.ts';
import type { PortClosure } from '../port.ts';
import { messagePort } from './message-port.ts';

describeContractOver('a MessageChannel', async () => ({
  async connect() {
    const { port1, port2 } = new MessageChannel();
    return { clientPort: messagePort(port1), hostPort: messagePort(port2) };
  },
  async close() {},
}));

describe('messagePort', () => {
  it('tells the other end why it was closed', async () => {
    const { port1, port2 } = new MessageChannel();
    const near = messagePort(port1);
    const far = messagePort(port2);
    const closed = new Promise<PortClosure>((resolve) => far.onClose(resolve));
    near.close({ kind: 'failed', detail: 'for a reason' });
    expect(await closed).toEqual({ kind: 'failed', detail: 'for a reason' });
    let late: PortClosure | null = null;
    far.onClose((closure) => (late = closure));
    expect(late).toEqual({ kind: 'failed', detail: 'for a reason' });
  });

  it('closes on a message that is not bytes', async () => {
    const { port1, port2 } = new MessageChannel();
    const near = messagePort(port1);
    const closed = new Promise<PortClosure>((resolve) => near.onClose(resolve));
    port2.postMessage({ hello: 'there' });
    expect((await closed).kind).toBe('failed');
    port2.close();
  });
});
