// Installs the real agent programs that tests drive, once, in this folder. Callable as a program
// (`node e2e/agents/install.mjs`) and as a function; answers null, or why it is impossible.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));

export function installAgents() {
  // Written last by npm: a torn installation does not have it.
  if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return null;
  console.log('Installing real agent programs for the tests (about 400 MB)…');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const run = spawnSync(npm, ['ci', '--no-audit', '--no-fund'], { cwd: folder, encoding: 'utf8', timeout: 600_000 });
  if (run.status === 0) return null;
  const said = (run.stderr ?? '').trim().split('\n').slice(-3).join(' ');
  return `npm ci in e2e/agents failed: ${run.error?.message ?? said}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problem = installAgents();
  if (problem !== null) {
    console.error(problem);
    process.exit(1);
  }
}
