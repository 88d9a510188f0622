/** The one window: how it is secured, where it opens, and what happens when its page crashes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, dialog, nativeTheme, screen } from 'electron';
import type { Log } from '#main/ports/log.ts';
import type { ContractHandlers } from '#shared/contract/handlers.ts';
import { afterCrash, reloadsMax } from './crash-policy.ts';
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

/** The panel's canvas colour, which the window has until the first paint. */
const canvas = { light: '#f9fafc', dark: '#111419' } as const;

/** Opens the panel. */
export function openPanelWindow({ dataFolder, handlers, log }: PanelWindowOptions): BrowserWindow {
  const statePath = join(dataFolder, 'window.json');
  const { bounds, isMaximized } = placeWindow(readState(statePath, log), [
    screen.getPrimaryDisplay().workArea,
    ...screen.getAllDisplays().map((display) => display.workArea),
  ]);
  const window = new BrowserWindow({
    ...bounds,
    minWidth: windowSizeMin.width,
    minHeight: windowSizeMin.height,
    // Shown at once, in the panel's colour: Electron tells on some Wayland desktops only of a window
    // that is shown already that it is ready to be (electron/electron#48859).
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
      spellcheck: false,
      navigateOnDragDrop: false,
      devTools: !app.isPackaged,
    },
  });
  const served = servePanelPort(window.webContents, handlers, log);
  if (isMaximized) window.maximize();
  window.on('close', () => {
    const state: WindowState = { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() };
    writeState(statePath, state, log);
  });
  window.once('closed', () => served.dispose());
  window.webContents.on('preload-error', (_event, _path, error) => {
    log.error('the panel has no way to the app', { reason: error.message });
  });
  recoverFromCrashes(window, log);
  window.loadURL(panelUrl).catch((error: unknown) => {
    log.error('the panel could not be loaded', { reason: error instanceof Error ? error.message : String(error) });
  });
  return window;
}

/** Puts a fresh page in the place of one that crashed, as long as that helps. */
function recoverFromCrashes(window: BrowserWindow, log: Log): void {
  let crashesAtMs: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log.error('the panel crashed', { reason, exitCode });
    const nowMs = performance.now();
    const next = afterCrash(reason, crashesAtMs, nowMs);
    crashesAtMs = [...crashesAtMs, nowMs].slice(-reloadsMax);
    if (next === 'reload') window.webContents.reload();
    else if (next === 'ask') {
      void askWhatToDo(window).then((again) => {
        crashesAtMs = [];
        if (!again) app.quit();
        else if (!window.isDestroyed()) window.webContents.reload();
      });
    }
  });
}

/** Whether the person wants another try. */
async function askWhatToDo(window: BrowserWindow): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: 'The panel keeps crashing.',
    detail: 'Agents and merges go on without it. The log in the data folder has the reasons.',
    buttons: ['Try again', 'Quit Gantry'],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 0;
}

function readState(path: string, log: Log): WindowState | null {
  try {
    return parseWindowState(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code !== 'ENOENT') log.warn('the window’s place was not read', { reason: error.message });
    return null;
  }
}

function writeState(path: string, state: WindowState, log: Log): void {
  try {
    writeFileSync(path, formatWindowState(state), { mode: 0o600 });
  } catch (error) {
    log.warn('the window’s place was not saved', { reason: error instanceof Error ? error.message : String(error) });
  }
}
