/**
 * All that the page gets of Electron: when it asks for one, a MessagePort whose other end the
 * main process holds. Nothing is exposed to the page's world.
 */
import { ipcRenderer } from 'electron';
import { portOffered, portWanted } from '#shared/contract/connect/port-handover.ts';

/** The page's window. Programs of this folder are typed for Node, which has none. */
declare const window: {
  readonly location: { readonly origin: string };
  addEventListener(
    type: 'message',
    listener: (event: { readonly source: unknown; readonly origin: string; readonly data: unknown }) => void,
  ): void;
  postMessage(message: string, targetOrigin: string, transfer: readonly unknown[]): void;
};

window.addEventListener('message', (event) => {
  if (event.source !== window || event.origin !== window.location.origin || event.data !== portWanted) return;
  const { port1, port2 } = new MessageChannel();
  ipcRenderer.postMessage(portWanted, null, [port1]);
  window.postMessage(portOffered, window.location.origin, [port2]);
});
