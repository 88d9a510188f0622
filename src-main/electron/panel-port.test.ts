import type { MessagePort } from 'node:worker_threads';
import type { WebContents } from 'electron';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '#main/ports/log.ts';
import type { Disposable } from '#shared/base/disposable.ts';
import { createContractClient } from '#shared/contract/connect-client.ts';
import { messagePort } from '#shared/contract/connect/message-port.ts';
import { portWanted } from '#shared/contract/connect/port-handover.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ContractHandlers } from '#shared/contract/handlers.ts';
import { agentRefSchema } from '#shared/model/agent.ts';
import { projectIdSchema } from '#shared/model/ids.ts';
import { electronStandIn, StandInContents } from './electron-stand-in.fixture.ts';
import { bringPort } from './main-port.fixture.ts';
import { servePanelPort } from './panel-port.ts';

vi.mock('electron', async () => (await import('./electron-stand-in.fixture.ts')).electronStandIn);

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const handlers = {
  'lane.spawn': async ({ count }) => ({ fleet: count }),
} as Partial<ContractHandlers> as ContractHandlers;
const spawnOne = { projectId: projectIdSchema.parse('parcel'), agent: agentRefSchema.parse('demo'), count: 1 };

describe('the port of the panel', () => {
  let contents: StandInContents;
  let served: Disposable;
  let ports: MessagePort[];

  beforeEach(() => {
    contents = new StandInContents(3);
    served = servePanelPort(contents as unknown as WebContents, handlers, silent);
    ports = [];
  });

  afterEach(() => {
    served.dispose();
    for (const port of ports) port.close();
  });

  /** The page's end of a port that is closed after the test. */
  const bring = (change?: Parameters<typeof bringPort>[1]): MessagePort => {
    const port = bringPort(contents, change);
    ports.push(port);
    return port;
  };
  const closed = (port: MessagePort): Promise<unknown> => new Promise((resolve) => messagePort(port).onClose(resolve));

  it('serves the contract to the page', async () => {
    const client = createContractClient(async () => messagePort(bring()));
    expect(await client.call('lane.spawn', spawnOne)).toEqual({ fleet: 1 });
    client.close();
  });

  it.each([
    ['another window', { sender: { id: 4 } }],
    ['a frame inside the page', { senderFrame: { origin: 'app://gantry' } }],
    ['a page that is gone', { senderFrame: null }],
  ])('closes a port that comes from %s', async (_who, change) => {
    await closed(bring(change));
  });

  it('closes a port whose page shows something else', async () => {
    contents.mainFrame.origin = 'https://evil.example';
    await closed(bring());
  });

  it('holds one port at a time', async () => {
    const first = closed(bring());
    const client = createContractClient(async () => messagePort(bring()));
    await first;
    expect(await client.call('lane.spawn', spawnOne)).toEqual({ fleet: 1 });
    client.close();
  });

  it.each([
    ['navigates', () => contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false })],
    ['crashes', () => contents.emit('render-process-gone')],
    ['is destroyed', () => contents.emit('destroyed')],
    ['is no longer served', () => served.dispose()],
  ])('closes when the page %s', async (_what, happen) => {
    let isFirst = true;
    const client = createContractClient(async () => {
      if (!isFirst) throw new GantryError('unavailable', 'the page does not ask again', { retryable: true });
      isFirst = false;
      return messagePort(bring());
    });
    await client.call('lane.spawn', spawnOne);
    const lost = new Promise<void>((resolve) => {
      client.onDidChangeConnection(({ state }) => {
        if (state === 'reconnecting') resolve();
      });
    });
    happen();
    await lost;
    client.close();
  });

  it('stays open when only the fragment of the address changes, or a frame navigates', async () => {
    const client = createContractClient(async () => messagePort(bring()));
    await client.call('lane.spawn', spawnOne);
    contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true });
    contents.emit('did-start-navigation', { isMainFrame: false, isSameDocument: false });
    expect(await client.call('lane.spawn', spawnOne)).toEqual({ fleet: 1 });
    client.close();
  });

  it('takes nothing any more once it is disposed', () => {
    served.dispose();
    expect(electronStandIn.ipcMain.listenerCount(portWanted)).toBe(0);
  });
});
