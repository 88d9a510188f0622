// Builds the panel into out/renderer, unless nothing that it is made of has changed since.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedNode, root } from './installed.mjs';

function* filesUnder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else yield path;
  }
}

/** Answers the folder of the built panel. Ends the process with a message when it cannot be built. */
export function buildRenderer() {
  const hash = createHash('sha256');
  for (const folder of ['src-renderer', 'src-shared']) {
    for (const file of filesUnder(join(root, folder))) {
      const { mtimeMs, size } = statSync(file);
      hash.update(`${file}\0${mtimeMs}\0${size}\n`);
    }
  }
  hash.update(readFileSync(join(root, 'package-lock.json')));
  const wanted = hash.digest('hex');
  const folder = join(root, 'out', 'renderer');
  const marker = join(root, 'out', 'renderer.built');
  if (existsSync(join(folder, 'index.html')) && existsSync(marker) && readFileSync(marker, 'utf8') === wanted)
    return folder;

  console.log('Building the panel…');
  const run = spawnSync(
    pinnedNode,
    [
      join(root, 'node_modules', 'vite', 'bin', 'vite.js'),
      'build',
      '--config',
      join(root, 'src-renderer', 'vite.config.ts'),
      '--logLevel',
      'warn',
    ],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  if (run.status !== 0) {
    console.error('The panel could not be built; the messages above say why.');
    process.exit(1);
  }
  mkdirSync(join(root, 'out'), { recursive: true });
  writeFileSync(marker, wanted);
  return folder;
}
