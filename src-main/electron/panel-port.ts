/**
 * Connects one window's page to the contract. The page brings a port each time it loads; there
 * is never more than one, and it does not outlive the page that brought it.
 */
import { type IpcMainEvent, ipcMain, type WebContents } from 'electron';
import { bindMessagePort } from '#main/api/bind/message-port.ts';
import type { Log } from '#main/ports/log.ts';
import { type Disposable, toDisposable } from '#shared/base/disposable.ts';
import { portWanted } from '#shared/contract/connect/port-handover.ts';
import type { ContractHandlers } from '#shared/contract/handlers.ts';
import { serveContract } from '#shared/contract/serve.ts';
import { refusePort } from './port-policy.ts';

/** Serves the contract to the page in `contents` until disposed. */
export function servePanelPort(contents: WebContents, handlers: ContractHandlers, log: Log): Disposable {
  let served: Disposable | null = null;
  const drop = (): void => {
    served?.dispose();
    served = null;
  };
  const onPort = (event: IpcMainEvent): void => {
    const frame = event.senderFrame;
    const [port] = event.ports;
    const refusal = refusePort(
      {
        webContentsId: event.sender.id,
        isMainFrame: frame !== null && frame === contents.mainFrame,
        origin: frame?.origin ?? null,
        portCount: event.ports.length,
      },
      contents.id,
    );
    if (refusal !== null || port === undefined) {
      log.warn('a port was refused', { reason: refusal });
      for (const refused of event.ports) refused.close();
      return;
    }
    drop();
    served = serveContract(bindMessagePort(port), handlers, { log });
  };
  ipcMain.on(portWanted, onPort);
  contents.on('did-start-navigation', (details) => {
    if (details.isMainFrame && !details.isSameDocument) drop();
  });
  contents.on('render-process-gone', drop);
  contents.once('destroyed', drop);
  return toDisposable(() => {
    ipcMain.off(portWanted, onPort);
    drop();
  });
}
