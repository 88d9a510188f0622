/** The desktop app in Electron, as it is built: `npm run build` comes before. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright/test';
import { findHost } from '../../src-main/cli/host-connection.ts';
import { processesOf } from '../fixtures/processes.ts';
import { collectComplaints } from './complaints.ts';
import { environmentOf, type Launch, type Runner, viewport } from './runner.ts';

const root = join(import.meta.dirname, '..', '..');
const startMs = 60_000;
const endMs = 20_000;
const pollMs = 50;
/** Chromium has no sandbox for root. */
const isRoot = process.getuid?.() === 0;

/** A window in the background is not slowed down. */
const switches = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/** See the file's comment. */
export class ElectronRunner implements Runner {
  readonly name = 'electron';
  readonly complaints: string[] = [];
  readonly #program: string;
  #application: ElectronApplication | null = null;
  /** The main process; the application forgets it when it ends. */
  #child: ChildProcess | null = null;
  #home = '';
  #output = '';

  /** `program` is the path of Electron's own program. */
  constructor(program: string) {
    this.#program = program;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get output(): string {
    const log = join(this.#home, 'gantry.log');
    return this.#output + (existsSync(log) ? readFileSync(log, 'utf8') : '');
  }

  /** Electron's main process, for what can be seen only there. */
  get application(): ElectronApplication {
    if (this.#application === null) throw new Error('the desktop app was not started');
    return this.#application;
  }

  async start(launch: Launch): Promise<void> {
    if (!existsSync(join(root, 'out', 'main', 'electron.js')))
      throw new Error('The desktop app is not built. Run "npm run build" first.');
    this.#home = launch.home;
    this.#output = '';
    const application = await _electron.launch({
      executablePath: this.#program,
      args: [root, ...launch.args, ...switches],
      cwd: root,
      env: environmentOf(launch),
      chromiumSandbox: !isRoot,
      timeout: startMs,
    });
    this.#application = application;
    const child = application.process();
    this.#child = child;
    child.stdout?.on('data', (data: Buffer) => (this.#output += data.toString()));
    child.stderr?.on('data', (data: Buffer) => (this.#output += data.toString()));
    await this.#until(() => findHost(launch.home)?.pid === child.pid, startMs, 'the desktop app does not serve');
    const page = await application.firstWindow();
    await application.evaluate(({ BrowserWindow }, { width, height }) => {
      for (const window of BrowserWindow.getAllWindows()) window.setContentSize(width, height);
    }, viewport);
    page.setDefaultTimeout(20_000);
    await collectComplaints(application.context(), this.complaints);
    await page.getByRole('heading', { level: 1 }).waitFor();
  }

  /** Starts it once more on the same data folder, and answers how that start ended. */
  async startAnother(launch: Launch): Promise<number | null> {
    const args = [root, ...(isRoot ? ['--no-sandbox'] : []), ...launch.args];
    const child = spawn(this.#program, args, { cwd: root, env: environmentOf(launch), stdio: 'ignore' });
    return new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
  }

  async openPage(): Promise<Page> {
    return this.application.firstWindow();
  }

  /** The window shows the panel by itself, but as it was before the test opened anything. */
  async showPanel(_page: Page): Promise<Page> {
    const page = await this.openPage();
    await page.goto(new URL('/', page.url()).href);
    return page;
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await gone;
    }
    // Chromium's other processes end a moment after the main one.
    const left = () => processesOf(this.#home).filter(({ command }) => command.startsWith(this.#program));
    await this.#until(() => left().length === 0, endMs, 'processes of Electron are left');
  }

  /** The window belongs to the app. */
  closePages(): Promise<void> {
    return Promise.resolve();
  }

  async #until(isTrue: () => boolean, timeoutMs: number, otherwise: string): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    while (!isTrue()) {
      if (performance.now() > deadlineMs) throw new Error(`${otherwise}:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
}
