import type { ConnectedContractClient, Connection } from '#shared/contract/connect-client.ts';
import type { ConnectionState, PanelConnection } from './connection.ts';
import { hostNowMs } from './host-clock.ts';

/** Follows a client's connection and remembers since when its values are old. */
export function panelConnection(client: ConnectedContractClient): PanelConnection {
  let shown = stateOf(client.connection, { state: 'connecting' });
  const listeners = new Set<() => void>();
  client.onDidChangeConnection((connection) => {
    shown = stateOf(connection, shown);
    for (const listener of listeners) listener();
  });
  return {
    current: () => shown,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    retryNow: () => client.reconnect(),
  };
}

function stateOf(connection: Connection, before: ConnectionState): ConnectionState {
  switch (connection.state) {
    case 'connecting':
      return { state: 'connecting' };
    case 'connected':
      return { state: 'live' };
    case 'reconnecting':
    case 'closed': {
      const lostAtMs = before.state === 'reconnecting' ? before.lostAtMs : before.state === 'live' ? hostNowMs() : null;
      return { state: 'reconnecting', lostAtMs, attempts: connection.state === 'closed' ? 0 : connection.attempt };
    }
    case 'refused':
      return { state: 'refused', code: connection.error.code, message: connection.error.message };
  }
}
