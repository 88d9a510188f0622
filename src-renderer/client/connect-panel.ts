import { messagePort } from '#shared/contract/connect/message-port.ts';
import { desktopScheme, portOffered, portWanted } from '#shared/contract/connect/port-handover.ts';
import { connectWebSocket } from '#shared/contract/connect/websocket.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { Port } from '#shared/contract/port.ts';
import { takeToken } from './token.ts';

/** How this page reaches its host: over the preload's port on the desktop, else over a WebSocket. */
export function panelConnector(): () => Promise<Port> {
  if (window.location.protocol === desktopScheme) return portFromPreload;
  const token = takeToken();
  return async () => {
    if (token === null) throw unauthorised();
    try {
      return await connectWebSocket(new URL('./contract', window.location.href.replace(/^http/, 'ws')).href, token);
    } catch (error) {
      // A browser does not say why a WebSocket was refused. A host that serves the page is there.
      if (await hostAnswers()) throw unauthorised();
      throw error;
    }
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

async function hostAnswers(): Promise<boolean> {
  try {
    return (await fetch(window.location.pathname, { method: 'HEAD', cache: 'no-store' })).ok;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

function unauthorised(): GantryError {
  return new GantryError('unauthorised', 'Gantry does not accept the token of this address.');
}
