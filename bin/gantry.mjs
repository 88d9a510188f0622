#!/usr/bin/env node
// The `gantry` command: runs the command line on the Node version that Gantry brings along.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bundled = join(root, 'node_modules', 'node', 'bin', 'node');
const built = join(root, 'out', 'main', 'cli.js');
const program = existsSync(join(root, 'src-main')) ? join(root, 'src-main', 'cli', 'main.ts') : built;
const child = spawn(existsSync(bundled) ? bundled : process.execPath, [program, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
