import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { assertDefined } from '#shared/base/assert.ts';
import type { ContractClient } from '#shared/contract/client.ts';
import type { PanelConnection } from './connection.ts';
import { StreamRegistry } from './stream-registry.ts';

interface ClientParts {
  readonly client: ContractClient;
  readonly streams: StreamRegistry;
  readonly connection: PanelConnection;
}

const ClientContext = createContext<ClientParts | null>(null);

/** Gives the tree below it one connection to the host. */
export function ClientProvider({
  client,
  connection,
  children,
}: {
  client: ContractClient;
  connection: PanelConnection;
  children: ReactNode;
}) {
  const parts = useMemo(() => ({ client, connection, streams: new StreamRegistry(client) }), [client, connection]);
  return <ClientContext value={parts}>{children}</ClientContext>;
}

/** The connection and all that hangs on it. */
export function useClientParts(): ClientParts {
  return assertDefined(useContext(ClientContext), 'a component of the panel stands outside its ClientProvider');
}

/** The contract: `call`, `watch` and `read`. */
export function useClient(): ContractClient {
  return useClientParts().client;
}
