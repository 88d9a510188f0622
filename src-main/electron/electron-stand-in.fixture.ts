/** The parts of Electron that the shell's tests watch, without Electron: what is registered can be asked. */
import { EventEmitter } from 'node:events';
import { vi } from 'vitest';

/** A WebContents that remembers how it was locked. */
export class StandInContents extends EventEmitter {
  readonly id: number;
  readonly mainFrame = { origin: 'app://gantry' };
  windowOpenHandler: ((details: { url: string }) => { action: string }) | null = null;

  constructor(id: number) {
    super();
    this.id = id;
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.windowOpenHandler = handler;
  }
}

/** What `vi.mock('electron', …)` answers. */
export const electronStandIn = {
  app: new EventEmitter(),
  ipcMain: new EventEmitter(),
  ipcRenderer: { postMessage: vi.fn() },
  shell: { openExternal: vi.fn(async (_url: string) => undefined) },
  protocol: { registerSchemesAsPrivileged: vi.fn() },
};
