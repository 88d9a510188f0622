/** The headless host as a process of its own, and its panel in Chromium. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright/test';
import { collectComplaints } from './complaints.ts';
import { environmentOf, type Launch, type Runner, viewport } from './runner.ts';

const root = join(import.meta.dirname, '..', '..');
const node = join(root, 'node_modules', 'node', 'bin', 'node');

const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the browser that runners share. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['GANTRY_CHROMIUM'] ?? '/usr/bin/chromium',
    args: chromiumArguments,
  });
}

/** See the file's comment. */
export class WebRunner implements Runner {
  readonly name = 'web';
  readonly complaints: string[] = [];
  readonly #browser: () => Promise<Browser>;
  readonly #contexts: BrowserContext[] = [];
  #child: ChildProcess | null = null;
  #output = '';
  #url = '';
  #port = 0;

  /** `browser` is asked for when the first page is opened. */
  constructor(browser: () => Promise<Browser>) {
    this.#browser = browser;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get output(): string {
    return this.#output;
  }

  /** A restart keeps the port. */
  async start(launch: Launch): Promise<void> {
    this.#output = '';
    const program = join(root, 'src-main', 'headless', 'main.ts');
    const own = ['--renderer', join(root, 'out', 'renderer'), '--port', String(this.#port), '--no-open'];
    const child = spawn(node, [program, ...own, ...launch.args], {
      env: environmentOf(launch),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      const onData = (data: Buffer): void => {
        this.#output += data.toString();
        const found = /http:\/\/127\.0\.0\.1:(\d+)\/\S*#t=\S+/.exec(this.#output);
        if (!found) return;
        this.#url = found[0];
        this.#port = Number(found[1]);
        resolve();
      };
      child.stdout.on('data', onData);
      child.stderr.on('data', onData);
      child.once('close', (code) => reject(new Error(`the host ended with ${code}:\n${this.#output}`)));
    });
  }

  async openPage(): Promise<Page> {
    const context = await (await this.#browser()).newContext({ viewport });
    this.#contexts.push(context);
    await collectComplaints(context, this.complaints);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    return page;
  }

  /** Opens the address that the host printed, as a person does. */
  async showPanel(page: Page): Promise<Page> {
    await page.goto(this.#url);
    return page;
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  async closePages(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close();
  }
}
