// Makes sure that the project's packages are installed, for scripts that must work on a machine
// that has only Node and npm. Runs on any Node from 20 on, so it imports nothing of the project.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';

/** The Node that the project pins: better-sqlite3 13 crashes on Node 20. */
export const pinnedNode = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');

/** The installed program of a package, by its name on the command line. */
export const bin = (name) => join(root, 'node_modules', '.bin', windows ? `${name}.cmd` : name);

const marker = join(root, 'node_modules', '.gantry-installed');
const wanted = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

/** Remembers that just what package-lock.json says is installed. */
export function markInstalled() {
  writeFileSync(marker, wanted());
}

/** Installs what package-lock.json says, unless just that is installed already. */
export function ensureInstalled() {
  if (existsSync(pinnedNode) && existsSync(marker) && readFileSync(marker, 'utf8') === wanted()) return;
  console.log('Installing packages (once; about a minute)…');
  const run = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: windows,
    env: { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' },
  });
  if (run.status !== 0) {
    console.error('\nThe packages could not be installed: npm says why above. Nothing else was changed.');
    console.error('Check that the npm registry can be reached, then run the same command again.');
    process.exit(1);
  }
  if (!existsSync(pinnedNode)) {
    console.error('\nnpm installed everything but Node 24 (package "node"), whose install script it may have blocked.');
    console.error('Run "npm rebuild node", then the same command again.');
    process.exit(1);
  }
  markInstalled();
}
