// Electron's own program: whether it is here, how it is brought here, and whether it starts here.
// Runs on any Node from 20 on, so it imports nothing of the project but its sibling.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bin, root } from './installed.mjs';

const packageFolder = join(root, 'node_modules', 'electron');
/** Says that the download failed. The panel works without; asking again at each start would only take time. */
const failedMarker = join(root, 'out', 'electron-not-available');
const dayMs = 24 * 60 * 60 * 1_000;
const downloadMs = 180_000;
const tryMs = 20_000;

const programNames = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' };

/**
 * Looks for the program in the folder of Electron's package, or where `ELECTRON_OVERRIDE_DIST_PATH`
 * says, and never downloads it.
 */
export function findElectron(folder = packageFolder, env = process.env, platform = process.platform) {
  // Written by Electron's installer, last of all: without it a download was cut short.
  const pathFile = join(folder, 'path.txt');
  const override = env.ELECTRON_OVERRIDE_DIST_PATH;
  const installed = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : null;
  const name = installed ?? programNames[platform] ?? 'electron';
  const program = override ? join(override, name) : join(folder, 'dist', name);
  if ((override || installed !== null) && existsSync(program)) return { state: 'found', program };
  return {
    state: 'missing',
    reason: `Electron's program is not here (${program}). "npx install-electron" downloads it.`,
  };
}

/** Why the end-to-end tests cannot run in Electron on this machine; null when they can. */
export function whyNoDesktopTests(folder = packageFolder, env = process.env, platform = process.platform) {
  const found = findElectron(folder, env, platform);
  if (found.state === 'missing') return found.reason;
  if (!hasScreen(platform, env)) return 'There is no screen: "xvfb-run npm test" makes one.';
  return null;
}

/** Whether a window can be shown. */
export function hasScreen(platform = process.platform, env = process.env) {
  return platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** As `findElectron`, but downloads the program when it is not here, unless that failed within a day. */
export function installElectron() {
  const found = findElectron();
  if (found.state === 'found') return found;
  if (existsSync(failedMarker) && Date.now() - statSync(failedMarker).mtimeMs < dayMs) {
    return { state: 'missing', reason: 'Electron could not be downloaded earlier today.' };
  }
  console.log('Downloading Electron (once)…');
  spawnSync(bin('install-electron'), ['--no'], {
    cwd: root,
    stdio: 'ignore',
    timeout: downloadMs,
    shell: process.platform === 'win32',
  });
  const installed = findElectron();
  if (installed.state === 'found') return installed;
  mkdirSync(dirname(failedMarker), { recursive: true });
  writeFileSync(failedMarker, 'Electron could not be downloaded here. Remove this file to try again.\n');
  return { state: 'missing', reason: 'Electron could not be downloaded.' };
}

/**
 * Whether the program starts at all; a Linux may lack its libraries, forbid its sandbox, or belong
 * to root, for whom Chromium has none.
 */
export function tryElectron(program, timeoutMs = tryMs) {
  const run = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: timeoutMs });
  if (run.status === 0) return { state: 'found', program };
  return { state: 'broken', reason: `Electron does not start: ${complaintOf(run)}` };
}

/** The line that says most, of what it printed before it ended. */
function complaintOf({ error, signal, status, stderr }) {
  if (error) return error.message;
  const lines = stderr.split('\n').map((line) => line.trim());
  const telling = lines.find((line) => /FATAL|ERROR|error while loading|not supported/.test(line));
  return (telling ?? lines.find(Boolean) ?? `it ended with ${signal ?? `exit code ${status}`}`).slice(0, 400);
}
