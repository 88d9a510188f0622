import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Session } from 'electron';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Log } from '#main/ports/log.ts';
import { electronStandIn } from './electron-stand-in.fixture.ts';
import { registerPanelScheme, servePanelFiles } from './panel-protocol.ts';

vi.mock('electron', async () => (await import('./electron-stand-in.fixture.ts')).electronStandIn);

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const logged = vi.fn();

let folder: string;
let answer: (request: Request) => Promise<Response>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-protocol-'));
  await writeFile(join(folder, 'index.html'), '<html><head></head></html>');
  const handle = vi.fn();
  servePanelFiles({ protocol: { handle } } as unknown as Session, folder, { ...silent, error: logged });
  expect(handle.mock.calls[0]?.[0]).toBe('app');
  answer = handle.mock.calls[0]?.[1];
});

afterAll(() => rm(folder, { recursive: true }));

it('is an origin like https, without leave to bypass the policy', () => {
  registerPanelScheme();
  const [schemes] = electronStandIn.protocol.registerSchemesAsPrivileged.mock.calls[0] ?? [];
  expect(schemes).toEqual([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
});

it('answers the panel with its policy, and nothing else', async () => {
  const page = await answer(new Request('app://gantry/'));
  expect(page.status).toBe(200);
  expect(page.headers.get('Content-Security-Policy')).toContain("script-src 'self'");
  expect(await page.text()).toContain('csp-nonce');
  expect((await answer(new Request('app://other/'))).status).toBe(404);
  expect((await answer(new Request('app://gantry/..%2fsecret'))).status).toBe(404);
  expect((await answer(new Request('app://gantry/', { method: 'POST' }))).status).toBe(404);
});

it('says that a file cannot be read, and why in the log only', async () => {
  // A folder by the name of a file: it is found, and cannot be read.
  await mkdir(join(folder, 'broken.js'));
  const response = await answer(new Request('app://gantry/broken.js'));
  expect(response.status).toBe(500);
  expect(await response.text()).toBe('A file of the panel could not be read. The log has the details.\n');
  expect(logged).toHaveBeenCalledTimes(1);
});
