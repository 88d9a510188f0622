/** The parts of Electron that the shell uses, without Electron: what is done to them can be asked. */
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BrowserWindowConstructorOptions } from 'electron';
import { vi } from 'vitest';

/** A WebContents that remembers how it was locked. */
export class StandInContents extends EventEmitter {
  readonly id: number;
  readonly mainFrame = { origin: 'app://gantry' };
  windowOpenHandler: ((details: { url: string }) => { action: string }) | null = null;
  readonly reload = vi.fn();

  constructor(id: number) {
    super();
    this.id = id;
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.windowOpenHandler = handler;
  }
}

/** A window that was opened, and how. */
export class StandInWindow extends EventEmitter {
  static readonly opened: StandInWindow[] = [];
  readonly options: BrowserWindowConstructorOptions;
  readonly webContents = new StandInContents(StandInWindow.opened.length + 1);
  readonly loadURL = vi.fn(async (_url: string) => undefined);
  readonly focus = vi.fn();
  readonly restore = vi.fn();
  readonly maximize = vi.fn();
  isMinimized = (): boolean => false;
  isMaximized = (): boolean => false;
  isDestroyed = (): boolean => false;

  constructor(options: BrowserWindowConstructorOptions) {
    super();
    this.options = options;
    StandInWindow.opened.push(this);
    electronStandIn.app.emit('web-contents-created', {}, this.webContents);
  }

  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    return { x: 10, y: 20, width: 1_200, height: 800 };
  }

  /** Closes it as its frame does. */
  close(): void {
    this.emit('close');
    this.emit('closed');
    electronStandIn.app.emit('window-all-closed');
  }
}

/** Electron is not ready before a test says so. */
const ready = Promise.withResolvers<void>();

const app = Object.assign(new EventEmitter(), {
  isPackaged: false,
  commandLine: { hasSwitch: vi.fn((_name: string) => false) },
  enableSandbox: vi.fn(),
  exit: vi.fn((_code: number) => undefined),
  getAppPath: () => fileURLToPath(new URL('../..', import.meta.url)),
  quit: vi.fn(),
  requestSingleInstanceLock: vi.fn((_handedOver: unknown) => true),
  setPath: vi.fn(),
  whenReady: () => ready.promise,
  /** Not Electron's: makes it ready. */
  becomeReady: ready.resolve,
});

const screenArea = { x: 0, y: 0, width: 1_920, height: 1_080 };

/** What `vi.mock('electron', …)` answers. */
export const electronStandIn = {
  app,
  BrowserWindow: StandInWindow,
  dialog: { showErrorBox: vi.fn(), showMessageBox: vi.fn(async () => ({ response: 0 })) },
  ipcMain: new EventEmitter(),
  ipcRenderer: { postMessage: vi.fn() },
  Menu: { buildFromTemplate: vi.fn((template: unknown) => template), setApplicationMenu: vi.fn() },
  nativeTheme: { shouldUseDarkColors: false },
  protocol: { registerSchemesAsPrivileged: vi.fn() },
  screen: {
    getPrimaryDisplay: () => ({ workArea: screenArea }),
    getAllDisplays: () => [{ workArea: screenArea }],
  },
  session: {
    defaultSession: {
      protocol: { handle: vi.fn() },
      setSpellCheckerLanguages: vi.fn(),
      setPermissionRequestHandler: vi.fn(),
      setPermissionCheckHandler: vi.fn(),
      setDevicePermissionHandler: vi.fn(),
      setDisplayMediaRequestHandler: vi.fn(),
      webRequest: { onBeforeRequest: vi.fn() },
    },
  },
  shell: { openExternal: vi.fn(async (_url: string) => undefined) },
};
