// Builds the desktop app, its panel included, into out/. Its parts are small: always from anew.
import { spawnSync } from 'node:child_process';
import { bin, root } from './installed.mjs';

/** Ends the process when it cannot be built; the messages above its end say why. */
export function buildDesktop() {
  const build = spawnSync(bin('electron-vite'), ['build', '--logLevel', 'warn'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (build.status !== 0) {
    console.error('The desktop app could not be built; the messages above say why.');
    process.exit(build.status ?? 1);
  }
}
