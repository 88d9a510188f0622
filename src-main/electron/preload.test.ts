import { expect, it, vi } from 'vitest';
import { portOffered, portWanted } from '#shared/contract/connect/port-handover.ts';
import { electronStandIn } from './electron-stand-in.fixture.ts';

vi.mock('electron', async () => (await import('./electron-stand-in.fixture.ts')).electronStandIn);

it('hands the page one port when it asks, and nothing to anybody else', async () => {
  let listener: (event: { source: unknown; origin: string; data: unknown }) => void = () => undefined;
  const postMessage = vi.fn();
  const page = {
    location: { origin: 'app://gantry' },
    addEventListener: (_type: 'message', added: typeof listener) => {
      listener = added;
    },
    postMessage,
  };
  vi.stubGlobal('window', page);
  await import('./preload.ts');

  const asked = { source: page, origin: 'app://gantry', data: portWanted };
  for (const other of [{ source: {} }, { origin: 'https://evil.example' }, { data: 'something' }]) {
    listener({ ...asked, ...other });
  }
  expect(electronStandIn.ipcRenderer.postMessage).not.toHaveBeenCalled();

  listener(asked);
  const [channel, message, sent] = electronStandIn.ipcRenderer.postMessage.mock.calls[0] ?? [];
  expect([channel, message, sent?.length]).toEqual([portWanted, null, 1]);
  const [offer, origin, handed] = postMessage.mock.calls[0] ?? [];
  expect([offer, origin, handed.length]).toEqual([portOffered, 'app://gantry', 1]);
  expect(handed[0]).not.toBe(sent?.[0]);
  for (const port of [...(sent ?? []), ...handed]) port.close();
  vi.unstubAllGlobals();
});
