// `npm run check`: everything that can be said about the project without running it.
// Types, lint, imports, format and the project's own rules (tidy), each named as it passes.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules', '.bin', name);
const node = join(root, 'node_modules', 'node', 'bin', 'node');

const checks = [
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['types of the renderer', bin('tsc'), ['-p', 'tsconfig.renderer.json']],
  ['lint', bin('oxlint'), ['--deny-warnings']],
  [
    'imports',
    node,
    [
      join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      'src-shared',
      'src-main',
      'src-renderer',
      'e2e',
      'bench',
    ],
  ],
  ['format', bin('biome'), ['format', '.']],
  ['tidy', node, [join(root, 'scripts', 'tidy.mjs')]],
];

let failed = 0;
for (const [name, command, args] of checks) {
  const started = Date.now();
  const run = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (run.status === 0) {
    console.log(`ok      ${name} (${seconds} s)`);
    continue;
  }
  failed += 1;
  console.log(`FAILED  ${name} (${seconds} s)`);
  console.log([run.error?.message, run.stdout, run.stderr].filter(Boolean).join('\n').trimEnd());
}
process.exit(failed === 0 ? 0 : 1);
