import { messagePort } from '#shared/contract/connect/message-port.ts';
import { desktopScheme, portOffered, portWanted } from '#shared/contract/connect/port-handover.ts';
import { connectWebSocket } from '#shared/contract/connect/websocket.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { Connect } from '#shared/contract/connect-client.ts';
import type { Port } from '#shared/contract/port.ts';
import { keepToken, takeToken } from './token.ts';

/** How this page reaches its host: over the preload's port on the desktop, else over a WebSocket. */
export function panelConnector(): Connect {
  if (window.location.protocol === desktopScheme) return portFromPreload;
  const first = takeToken();
  const url = new URL('./contract', window.location.href.replace(/^http/, 'ws')).href;
  return async (ticket) => {
    // The host's token is new at each of its starts; the ticket that it handed out is good beyond.
    if (ticket !== null) keepToken(ticket);
    const token = ticket ?? first;
    if (token !== null) return connectWebSocket(url, token);
    throw new GantryError('unauthorised', 'The address of this page has no token.');
  };
}

function portFromPreload(): Promise<Port> {
  return new Promise((resolve) => {
    const onMessage = (event: MessageEvent): void => {
      const port = event.ports[0];
      if (event.source !== window || event.data !== portOffered || port === undefined) return;
      window.removeEventListener('message', onMessage);
      resolve(messagePort(port));
    };
    window.addEventListener('message', onMessage);
    window.postMessage(portWanted, window.location.origin);
  });
}
