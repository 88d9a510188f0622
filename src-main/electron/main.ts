/**
 * The desktop app: one instance for each data folder, one window, the app behind it. Thin: what
 * is decided is decided in the policies beside it, and everything else is the app's.
 */
import { app, type BrowserWindow, dialog, Menu, session } from 'electron';
import { entries } from '#main/app/entries.ts';
import { startApp } from '#main/app/start-app.ts';
import { openHeadlessHost } from '#main/headless/host.ts';
import { defaultDataFolder } from '#main/platform/data-folder.ts';
import type { Log } from '#main/ports/log.ts';
import { type DesktopArguments, parseDesktopArguments, readDesktopArguments } from './arguments.ts';
import { makeChromiumFolder } from './chromium-folder.ts';
import { endOnFault } from './fault.ts';
import { lockNavigation, lockSession } from './lock-down.ts';
import { menuTemplate } from './menu-template.ts';
import { nodeProgram } from './node-program.ts';
import { registerPanelScheme, servePanelFiles } from './panel-protocol.ts';
import { openPanelWindow } from './panel-window.ts';
import { quitInOrder } from './quit-in-order.ts';
import { describeStartFailure } from './start-failure.ts';
import { windowsSealer } from './text-sealer.ts';

const dataFolder = defaultDataFolder();
const asked = parseDesktopArguments(process.argv.slice(1), process.cwd());
/** What was asked for, also by other instances, before the app had started. */
const waiting: DesktopArguments[] = [asked];
let open: ((wanted: DesktopArguments) => void) | null = null;
let log: Log | null = null;

endOnFault(process, giveUp);
try {
  begin();
} catch (error) {
  // Until Electron is ready, a message box goes to the terminal, where there may be none.
  void app.whenReady().then(() => giveUp(error));
}

/** All that must happen before Electron is ready. */
function begin(): void {
  // Chromium's own files too; the lock below is one for each of these folders.
  app.setPath('userData', makeChromiumFolder(dataFolder));
  // A second instance hands over what it was asked to the first one, which shows its window.
  if (!app.requestSingleInstanceLock({ ...asked })) {
    app.quit();
    return;
  }
  app.on('second-instance', (_event, _argv, _workingFolder, handedOver) => {
    const wanted = readDesktopArguments(handedOver) ?? { demo: false, repo: null };
    if (open === null) waiting.push(wanted);
    else open(wanted);
  });
  // Where the system's sandbox cannot be had, and the person said so, half of one would not start.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  registerPanelScheme();
  void app.whenReady().then(run).catch(giveUp);
}

/** Says what went wrong, and ends. What is stored is as good as after any crash, and lanes go on. */
function giveUp(error: unknown): void {
  const { title, text } = describeStartFailure(error);
  log?.error('the app ended on an error', { reason: error instanceof Error ? error.stack : String(error) });
  dialog.showErrorBox(title, text);
  app.exit(1);
}

async function run(): Promise<void> {
  const started = await startApp({
    dataFolder,
    kind: 'electron',
    viewOnly: false,
    sealer: windowsSealer(),
    nodeProgram: nodeProgram({
      isPackaged: app.isPackaged,
      resourcesPath: process.resourcesPath,
      appPath: app.getAppPath(),
      platform: process.platform,
    }),
  });
  const { handlers } = started;
  const shellLog = started.log;
  log = shellLog;
  // For the command line, which finds it as it finds a headless host.
  const host = await openHeadlessHost({ staticFolder: entries.renderer, handlers, dataFolder, log: shellLog });
  // The app ends in order before Electron does. Lanes go on: their worker outlives it.
  const close = (): Promise<void> => host.close().finally(() => started.close());
  app.on('will-quit', quitInOrder({ close, exit: (code) => app.exit(code), log: shellLog }));

  lockNavigation(shellLog);
  lockSession(session.defaultSession);
  servePanelFiles(session.defaultSession, entries.renderer, shellLog);
  const menu = menuTemplate({ platform: process.platform, isPackaged: app.isPackaged });
  Menu.setApplicationMenu(Menu.buildFromTemplate(menu));

  let window: BrowserWindow | null = null;
  const show = (): void => {
    if (window === null) {
      window = openPanelWindow({ dataFolder, handlers, log: shellLog });
      window.once('closed', () => {
        window = null;
      });
    } else {
      if (window.isMinimized()) window.restore();
      window.focus();
    }
  };
  const openProject = async ({ demo, repo }: DesktopArguments): Promise<void> => {
    try {
      if (demo) await started.openDemo();
      else if (repo !== null) await started.openProject(repo);
    } catch (error) {
      const { text } = describeStartFailure(error);
      dialog.showErrorBox('The repository cannot be opened', text);
    }
  };

  app.on('activate', show);
  app.on('window-all-closed', () => {
    // On macOS an app stays until it is quit; elsewhere its last window is the app.
    if (process.platform !== 'darwin') app.quit();
  });
  // The page turns to what was asked for, also one that is there already.
  for (const wanted of waiting) await openProject(wanted);
  show();
  open = (wanted) => {
    show();
    void openProject(wanted);
  };
}
