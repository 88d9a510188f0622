/**
 * The desktop app: one instance for each data folder, one window, the app behind it. Thin: what
 * is decided is decided in the policies beside it, and everything else is the app's.
 */
import { join } from 'node:path';
import { app, type BrowserWindow, dialog, Menu, session } from 'electron';
import { entries } from '#main/app/entries.ts';
import { startApp } from '#main/app/start-app.ts';
import { defaultDataFolder } from '#main/platform/data-folder.ts';
import { parseDesktopArguments } from './arguments.ts';
import { lockNavigation, lockSession } from './lock-down.ts';
import { menuTemplate } from './menu-template.ts';
import { nodeProgram } from './node-program.ts';
import { registerPanelScheme, servePanelFiles } from './panel-protocol.ts';
import { openPanelWindow } from './panel-window.ts';
import { describeStartFailure } from './start-failure.ts';

const dataFolder = defaultDataFolder();
// Chromium's own files too; the lock below is one for each of these folders.
app.setPath('userData', join(dataFolder, 'electron'));

/** A second start hands over to the first one, which shows its window. */
if (app.requestSingleInstanceLock()) {
  app.enableSandbox();
  registerPanelScheme();
  run().catch((error: unknown) => {
    const { title, text } = describeStartFailure(error);
    dialog.showErrorBox(title, text);
    app.exit(1);
  });
} else {
  app.quit();
}

async function run(): Promise<void> {
  await app.whenReady();
  const started = await startApp({
    dataFolder,
    kind: 'electron',
    viewOnly: false,
    nodeProgram: nodeProgram({
      isPackaged: app.isPackaged,
      resourcesPath: process.resourcesPath,
      appPath: app.getAppPath(),
      platform: process.platform,
    }),
  });
  const { handlers, log } = started;
  lockNavigation(log);
  lockSession(session.defaultSession);
  servePanelFiles(session.defaultSession, entries.renderer);
  const menu = menuTemplate({ platform: process.platform, isPackaged: app.isPackaged });
  Menu.setApplicationMenu(Menu.buildFromTemplate(menu));

  let window: BrowserWindow | null = null;
  const show = (): void => {
    if (window === null) {
      window = openPanelWindow({ dataFolder, handlers, log });
      window.once('closed', () => {
        window = null;
      });
    } else {
      if (window.isMinimized()) window.restore();
      window.focus();
    }
  };
  const open = async (argv: readonly string[]): Promise<void> => {
    show();
    const { demo, repo } = parseDesktopArguments(argv);
    if (demo) await started.openDemo();
    else if (repo !== null) await started.openProject(repo);
  };
  const report = (error: unknown): void => {
    const { text } = describeStartFailure(error);
    dialog.showErrorBox('The repository cannot be opened', text);
  };

  app.on('second-instance', (_event, argv) => void open(argv).catch(report));
  app.on('activate', show);
  app.on('window-all-closed', () => {
    // On macOS an app stays until it is quit; elsewhere its last window is the app.
    if (process.platform !== 'darwin') app.quit();
  });
  // The app ends in order before Electron does. Lanes go on: their worker outlives it.
  app.once('will-quit', (event) => {
    event.preventDefault();
    started.close().then(
      () => app.exit(0),
      (error: unknown) => {
        log.error('the app did not end in order', { reason: error instanceof Error ? error.message : String(error) });
        app.exit(1);
      },
    );
  });
  await open(process.argv.slice(app.isPackaged ? 1 : 2)).catch(report);
}
