// The desktop app as a whole, on a data folder of its own: everything is real but Electron itself.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { findHost, openHostClient } from '#main/cli/host-connection.ts';
import { watchMap } from '#main/cli/watched-map.ts';
import { systemClock } from '#main/platform/clock.ts';
import { lockFolder } from '#main/platform/folder-lock.ts';
import { shutdownWorker } from '#main/worker-client/shutdown-worker.ts';
import { type ConnectedContractClient, createContractClient } from '#shared/contract/connect-client.ts';
import { messagePort } from '#shared/contract/connect/message-port.ts';
import type { ProjectView } from '#shared/contract/views.ts';
import { electronStandIn, StandInWindow } from './electron-stand-in.fixture.ts';
import { bringPort } from './main-port.fixture.ts';

vi.mock('electron', async () => (await import('./electron-stand-in.fixture.ts')).electronStandIn);

const { app, dialog, ipcMain, protocol, session } = electronStandIn;
const faults = ['uncaughtException', 'unhandledRejection'] as const;
const listenersBefore = new Map(faults.map((fault) => [fault, process.listeners(fault as 'uncaughtException')]));
const argvBefore = process.argv;

let root: string;
let home: string;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-desktop-')));
  home = join(root, 'data');
  vi.stubEnv('GANTRY_HOME', home);
  process.argv = ['electron', '.', '--repo', makeRepository('first')];
});

afterAll(async () => {
  process.argv = argvBefore;
  vi.unstubAllEnvs();
  for (const fault of faults) {
    for (const listener of process.listeners(fault as 'uncaughtException')) {
      if (!listenersBefore.get(fault)?.includes(listener)) process.off(fault, listener);
    }
  }
  expect((await shutdownWorker(home, systemClock)).ok).toBe(true);
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

function makeRepository(name: string): string {
  const path = join(root, name);
  mkdirSync(path);
  const git = (...args: string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=Person', '-c', 'user.email=person@example.invalid', ...args], { cwd: path });
  git('init', '--quiet', '--initial-branch=main');
  git('commit', '--quiet', '--allow-empty', '-m', 'Begin');
  return path;
}

function panelWindow(): StandInWindow {
  const window = StandInWindow.opened.at(-1);
  if (!window) throw new Error('no window was opened');
  return window;
}

/** Names of the projects that are open, once there are `count`. */
async function projectNames(client: ConnectedContractClient, count: number): Promise<string[]> {
  const projects = await watchMap(client, 'project.watch', {});
  const open = (): ProjectView[] => [...projects.values.values()];
  await vi.waitFor(() => expect(open()).toHaveLength(count), 10_000);
  projects.dispose();
  return open()
    .map((project) => project.name)
    .sort();
}

it('does before Electron is ready what is too late afterwards', async () => {
  await import('./main.ts');
  expect(app.setPath).toHaveBeenCalledWith('userData', join(home, 'electron'));
  expect(app.setPath).toHaveBeenCalledBefore(app.requestSingleInstanceLock);
  expect(app.requestSingleInstanceLock).toHaveBeenCalledWith({ demo: false, repo: join(root, 'first') });
  expect(app.enableSandbox).toHaveBeenCalledTimes(1);
  expect(protocol.registerSchemesAsPrivileged).toHaveBeenCalledTimes(1);
  expect(StandInWindow.opened).toEqual([]);
  expect(existsSync(join(home, 'raft'))).toBe(false);
});

it('starts the app once Electron is ready, and opens one locked window on the panel', async () => {
  app.becomeReady();
  await vi.waitFor(() => expect(StandInWindow.opened).toHaveLength(1), 30_000);
  const { options, loadURL } = panelWindow();
  expect(loadURL).toHaveBeenCalledWith('app://gantry/');
  expect(session.defaultSession.protocol.handle).toHaveBeenCalledBefore(loadURL);
  expect(session.defaultSession.setPermissionRequestHandler).toHaveBeenCalledBefore(loadURL);
  expect(options.webPreferences).toMatchObject({
    ...{ sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false, spellcheck: false },
    preload: expect.stringMatching(/preload[\\/]preload\.cjs$/),
  });
  // Waiting for the page's first picture before it is shown, a window is never shown on some desktops.
  expect(options.show ?? true).toBe(true);
  expect(panelWindow().webContents.windowOpenHandler?.({ url: 'smb://host/share' })).toEqual({ action: 'deny' });
});

it('gives the page a port to the app, where it finds open what was asked for', async () => {
  const client = createContractClient(async () => messagePort(bringPort(panelWindow().webContents)));
  const found = await watchMap(client, 'project.watch', {});
  expect([...found.values.values()].map((project) => project.name)).toEqual(['first']);
  found.dispose();
  client.close();
});

it('shows a fresh page for one that crashed, which gets a port of its own', async () => {
  const { webContents } = panelWindow();
  const before = createContractClient(async () => messagePort(bringPort(webContents)));
  await projectNames(before, 1);
  webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 139 });
  before.close();
  expect(webContents.reload).toHaveBeenCalledTimes(1);
  const after = createContractClient(async () => messagePort(bringPort(webContents)));
  expect(await projectNames(after, 1)).toEqual(['first']);
  after.close();
});

it('asks the person when pages keep crashing', async () => {
  const { webContents } = panelWindow();
  const crash = (): unknown => webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 139 });
  crash();
  crash();
  expect(webContents.reload).toHaveBeenCalledTimes(2);
  expect(dialog.showMessageBox).not.toHaveBeenCalled();
  crash();
  expect(dialog.showMessageBox).toHaveBeenCalledTimes(1);
  await vi.waitFor(() => expect(webContents.reload).toHaveBeenCalledTimes(3));
});

it('opens in the one window what another instance was asked for', async () => {
  app.emit('second-instance', {}, [], root, { demo: false, repo: makeRepository('second') });
  expect(panelWindow().focus).toHaveBeenCalledTimes(1);
  const client = createContractClient(async () => messagePort(bringPort(panelWindow().webContents)));
  expect(await projectNames(client, 2)).toEqual(['first', 'second']);
  client.close();
  app.emit('second-instance', {}, [], root, { demo: false, repo: join(root, 'nowhere') });
  await vi.waitFor(() => expect(dialog.showErrorBox).toHaveBeenCalledTimes(1));
  expect(dialog.showErrorBox).toHaveBeenCalledWith(
    'The repository cannot be opened',
    expect.stringContaining('does not exist'),
  );
  expect(StandInWindow.opened).toHaveLength(1);
});

it('is found by the command line', async () => {
  const found = findHost(home);
  if (!found) throw new Error('the app did not publish itself');
  expect(found.pid).toBe(process.pid);
  const client = openHostClient(found);
  expect(await projectNames(client, 2)).toEqual(['first', 'second']);
  client.close();
});

it('ends in order when its window is closed, and gives the data folder back', async () => {
  panelWindow().close();
  expect(readFileSync(join(home, 'window.json'), 'utf8')).toContain('"width":1200');
  expect(ipcMain.eventNames()).toEqual([]);
  if (process.platform !== 'darwin') expect(app.quit).toHaveBeenCalledTimes(1);
  const preventDefault = vi.fn();
  app.emit('will-quit', { preventDefault });
  app.emit('will-quit', { preventDefault });
  expect(preventDefault).toHaveBeenCalledTimes(2);
  await vi.waitFor(() => expect(app.exit).toHaveBeenCalled(), 20_000);
  expect(app.exit.mock.calls).toEqual([[0]]);
  expect(findHost(home)).toBeNull();
  const lock = lockFolder(home);
  expect(lock.ok).toBe(true);
  if (lock.ok) lock.value.dispose();
});
