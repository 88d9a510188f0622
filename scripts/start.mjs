// `npm start`: installs, builds, and opens the control panel: in Electron where its binary can
// be had and there is a screen, else served to the browser by the headless host.
// Arguments after `--` go to the app: --demo, --repo FOLDER, --port NUMBER, --headless, --no-open.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildRenderer } from './build-renderer.mjs';
import { bin, ensureInstalled, pinnedNode, root } from './installed.mjs';

const args = process.argv.slice(2);
ensureInstalled();

const hasScreen = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
const wantsElectron = hasScreen && !args.includes('--headless') && !args.includes('--help');

/** Electron's own program, when it is here or can be downloaded; asked for once a day at most. */
function electronProgram() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const name =
    process.platform === 'win32'
      ? 'electron.exe'
      : process.platform === 'darwin'
        ? 'Electron.app/Contents/MacOS/Electron'
        : 'electron';
  const candidates = [
    ...(override ? [join(override, name)] : []),
    join(root, 'node_modules', 'electron', 'dist', name),
  ];
  const found = () => candidates.find((path) => existsSync(path));
  if (found()) return found();
  const tried = join(root, 'out', 'electron-not-available');
  if (existsSync(tried)) return undefined;
  console.log('Downloading Electron (once)…');
  spawnSync(bin('install-electron'), ['--no'], {
    cwd: root,
    stdio: 'ignore',
    timeout: 180_000,
    shell: process.platform === 'win32',
  });
  if (found()) return found();
  mkdirSync(join(root, 'out'), { recursive: true });
  writeFileSync(tried, 'Electron could not be downloaded here. Remove this file to try again.\n');
  return undefined;
}

const electron = wantsElectron ? electronProgram() : undefined;
let child;
if (electron) {
  const build = spawnSync(bin('electron-vite'), ['build', '--logLevel', 'warn'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (build.status !== 0) process.exit(build.status ?? 1);
  child = spawn(electron, [root, ...args], { stdio: 'inherit' });
} else {
  if (wantsElectron) console.log('Electron is not available here: the panel opens in your browser instead.');
  const folder = args.includes('--help') ? '' : buildRenderer();
  // A host serves small messages all day: a small nursery keeps its memory small (see host-connection.ts).
  child = spawn(
    pinnedNode,
    ['--max-semi-space-size=8', join(root, 'src-main', 'headless', 'main.ts'), '--renderer', folder, ...args],
    {
      stdio: 'inherit',
    },
  );
}

process.on('SIGINT', () => {}); // the terminal sends it to the child as well, which ends in its own time
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
