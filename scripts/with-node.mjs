// Runs a program of the project on the Node version that the project pins, with this
// terminal, and ends as it ends. Usage: node scripts/with-node.mjs FILE [ARGUMENT…]
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
if (!existsSync(node)) {
  console.error('Gantry is not installed yet. Run "npm start" or "npm ci" first.');
  process.exit(1);
}
const [file, ...rest] = process.argv.slice(2);
const child = spawn(node, [join(root, file), ...rest], { stdio: 'inherit' });
// A terminal sends Ctrl-C to the whole group: the child decides when to end.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  if (signal) process.kill(process.pid, signal);
  else process.exit(code ?? 1);
});
