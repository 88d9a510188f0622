/** The one window: how it is secured, where it opens, and what happens when its page crashes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import type { Log } from '#main/ports/log.ts';
import type { ContractHandlers } from '#shared/contract/handlers.ts';
import { panelUrl } from './navigation-policy.ts';
import { servePanelPort } from './panel-port.ts';
import { formatWindowState, parseWindowState, placeWindow, type WindowState, windowSizeMin } from './window-state.ts';

export interface PanelWindowOptions {
  /** Where the window's place is remembered. */
  readonly dataFolder: string;
  readonly handlers: ContractHandlers;
  readonly log: Log;
}

/** Built beside this program by electron-vite, as CommonJS: sandboxed preloads must be. */
const preloadPath = fileURLToPath(new URL('../preload/preload.cjs', import.meta.url));

/** The panel's canvas colour, so that the window does not flash before the first paint. */
const canvas = { light: '#f9fafc', dark: '#111419' } as const;

/** Opens the panel. */
export function openPanelWindow({ dataFolder, handlers, log }: PanelWindowOptions): BrowserWindow {
  const statePath = join(dataFolder, 'window.json');
  const { bounds, isMaximized } = placeWindow(readState(statePath), [
    screen.getPrimaryDisplay().workArea,
    ...screen.getAllDisplays().map((display) => display.workArea),
  ]);
  const window = new BrowserWindow({
    ...bounds,
    minWidth: windowSizeMin.width,
    minHeight: windowSizeMin.height,
    show: false,
    title: 'Gantry',
    backgroundColor: nativeTheme.shouldUseDarkColors ? canvas.dark : canvas.light,
    webPreferences: {
      preload: preloadPath,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      navigateOnDragDrop: false,
      devTools: !app.isPackaged,
    },
  });
  const served = servePanelPort(window.webContents, handlers, log);
  window.once('ready-to-show', () => {
    if (isMaximized) window.maximize();
    window.show();
  });
  window.on('close', () => {
    const state: WindowState = { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() };
    writeState(statePath, state, log);
  });
  window.once('closed', () => served.dispose());
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    log.error('the panel crashed', { reason });
    // Its state is in the host: a fresh page shows the same. Not when the person ended it.
    if (reason !== 'clean-exit' && reason !== 'killed') window.webContents.reload();
  });
  window.loadURL(panelUrl).catch((error: unknown) => {
    log.error('the panel could not be loaded', { reason: error instanceof Error ? error.message : String(error) });
  });
  return window;
}

function readState(path: string): WindowState | null {
  try {
    return parseWindowState(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function writeState(path: string, state: WindowState, log: Log): void {
  try {
    writeFileSync(path, formatWindowState(state), { mode: 0o600 });
  } catch (error) {
    log.warn('the window’s place was not saved', { reason: error instanceof Error ? error.message : String(error) });
  }
}
