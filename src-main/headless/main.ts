/**
 * The headless host as a program: the whole app, served to a browser on this machine.
 * Arguments: --renderer FOLDER, --port NUMBER, --repo FOLDER, --demo, --no-open, --view-only,
 * --without-agents, --until-stdin-closes. The data folder is `$GANTRY_HOME` or the platform's.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { GantryError } from '#shared/contract/error.ts';
import { gantryVersion } from '#shared/contract/version.ts';
import { entries } from '../app/entries.ts';
import { startApp } from '../app/start-app.ts';
import { defaultDataFolder } from '../platform/data-folder.ts';
import { openHeadlessHost } from './host.ts';

const usage = `npm start [-- OPTIONS]

  --demo          open the sample repository and let three demo agents work on it
  --repo FOLDER   open this repository
  --port NUMBER   serve on this port (default: one that is free)
  --headless      serve the panel to the browser, even where Electron could show it
  --no-open       do not open the browser
  --help          this text

Gantry keeps its data in ${defaultDataFolder()} ($GANTRY_HOME changes that).`;

/** How long an end in order may take before the process ends anyway. The worker goes on either way. */
const closeMs = 10_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      renderer: { type: 'string' },
      port: { type: 'string' },
      repo: { type: 'string' },
      demo: { type: 'boolean' },
      headless: { type: 'boolean' },
      'no-open': { type: 'boolean' },
      'view-only': { type: 'boolean' },
      'without-agents': { type: 'boolean' },
      'until-stdin-closes': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const port = Number(values.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new GantryError('invalid-input', `--port takes a number from 0 to 65535, not "${values.port}".`);
  }

  const dataFolder = defaultDataFolder();
  const app = await startApp({
    dataFolder,
    kind: 'headless',
    viewOnly: values['view-only'] ?? false,
    withoutAgents: values['without-agents'] ?? false,
  });
  const host = await openHeadlessHost({
    port,
    staticFolder: values.renderer || entries.renderer,
    handlers: app.handlers,
    dataFolder,
    log: app.log,
  }).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });

  let closing = false;
  const close = (why: string): void => {
    if (closing) return;
    closing = true;
    app.log.info('closing', { why });
    const forced = setTimeout(() => process.exit(1), closeMs);
    forced.unref();
    void host
      .close()
      .then(() => app.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          app.log.error('could not close in order', { error: String(error) });
          process.exit(1);
        },
      );
  };
  process.on('SIGINT', () => close('SIGINT'));
  process.on('SIGTERM', () => close('SIGTERM'));
  process.on('SIGHUP', () => close('SIGHUP'));
  if (values['until-stdin-closes']) {
    process.stdin.on('end', () => close('standard input closed')).on('error', () => close('standard input broke'));
    process.stdin.resume();
  }

  process.stdout.write(`Gantry ${gantryVersion} is ready: ${host.url}\n`);
  process.stdout.write('Ctrl-C ends it. Agents that run go on; the next start finds them.\n');
  if (values.demo) await app.openDemo();
  else if (values.repo) await app.openProject(values.repo);
  if (!values['no-open']) openBrowser(host.url);
}

/** Opens the person's browser where there is a screen. The address is printed either way. */
function openBrowser(url: string): void {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return;
  const [program, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['cmd', ['/c', 'start', '', url]]
        : ['xdg-open', [url]];
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', () => process.stdout.write(`No browser could be opened. The address above works in any.\n`));
  child.unref();
}

await main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof GantryError ? error.message : `Gantry broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`}\n`,
  );
  process.exit(1);
});
