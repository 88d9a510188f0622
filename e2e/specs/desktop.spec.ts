/** What only the desktop has: a window of its own, a protocol of its own, and a way to the page. */
import { findHost } from '../../src-main/cli/host-connection.ts';
import type { Host } from '../fixtures/host.ts';
import { expect, test } from '../fixtures/test.ts';
import { ElectronRunner } from '../runners/electron.ts';

function desktop(host: Host): ElectronRunner {
  if (!(host.runner instanceof ElectronRunner)) throw new Error('this is not the desktop');
  return host.runner;
}

test('the page gets a port, a new one when it is loaded again, and nothing of Electron or Node', async ({
  host,
  panel,
  page,
}) => {
  await panel.open(host);
  expect(page.url()).toMatch(/^app:\/\/gantry\//);
  const fromTheApp = panel.welcome.found('3 Raft nodes');
  await expect(fromTheApp).toBeVisible();
  const names = ['require', 'process', 'module', 'Buffer', 'electron', 'ipcRenderer'];
  expect(await page.evaluate(`${JSON.stringify(names)}.filter((name) => name in globalThis)`)).toEqual([]);
  await page.reload();
  await expect(fromTheApp).toBeVisible();
});

test('commands are copied, the clipboard is not read, and no other window opens', async ({ host, panel, page }) => {
  const { application } = desktop(host);
  await panel.open(host);
  await panel.welcome.machine.getByRole('button', { name: 'Copy' }).first().click();
  await expect(panel.toast).toContainText('Copied.');
  expect(await application.evaluate(({ clipboard }) => clipboard.readText())).toMatch(/\S/);
  const reading = `navigator.clipboard.readText().then(() => 'read', (error) => error.name)`;
  expect(await page.evaluate(reading)).toBe('NotAllowedError');

  await application.evaluate(({ shell }) => {
    shell.openExternal = (address) => {
      process.env['OPENED_OUTSIDE'] = address;
      return Promise.resolve();
    };
  });
  await page.evaluate(`window.open('https://example.com/a'); window.open('file:///etc/passwd')`);
  await expect.poll(() => application.evaluate(() => process.env['OPENED_OUTSIDE'])).toBe('https://example.com/a');
  expect(application.windows()).toHaveLength(1);
});

test('a page that crashes is replaced by a fresh one', async ({ host, panel }) => {
  const { application } = desktop(host);
  await panel.open(host);
  await application.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer();
  });
  const heading = (): Promise<string> =>
    application.evaluate(async ({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      if (!contents || contents.isCrashed() || contents.isLoading()) return '';
      return String(await contents.executeJavaScript(`document.querySelector('h1')?.textContent`));
    });
  await expect.poll(heading).toBe('Open a repository to start.');
});

test('another start shows the window that is there, and opens what it was asked for', async ({
  host,
  repository,
  panel,
}) => {
  const runner = desktop(host);
  await panel.open(host);
  await expect(panel.welcome.recent('parcel')).toHaveCount(0);
  expect(await runner.startAnother({ home: host.home, env: {}, args: ['--repo', repository.path] })).toBe(0);
  await expect(panel.topBar).toContainText('parcel');
  expect(runner.application.windows()).toHaveLength(1);
});

test('quitting ends the app in order', async ({ host }) => {
  const { application } = desktop(host);
  const ended = new Promise((resolve) => application.process().once('exit', resolve));
  await application.evaluate(({ app }) => app.quit());
  expect(await ended).toBe(0);
  expect(findHost(host.home)).toBeNull();
});
