import './client/zod-without-eval.ts';
import './ui/styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { assertDefined } from '#shared/base/assert.ts';
import { createContractClient } from '#shared/contract/connect-client.ts';
import { App } from './app/App.tsx';
import { ClientProvider } from './client/ClientContext.tsx';
import { panelConnector } from './client/connect-panel.ts';
import { panelConnection } from './client/panel-connection.ts';

const client = createContractClient(panelConnector());
const root = assertDefined(document.querySelector('#root'), 'the page has no place for the panel');

createRoot(root).render(
  <StrictMode>
    <ClientProvider client={client} connection={panelConnection(client)}>
      <App />
    </ClientProvider>
  </StrictMode>,
);
