/**
 * Packages the desktop app as a release does, against a stand-in for Electron's binary, and
 * looks into what would be shipped. Needs no network and no Electron.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { extractFile, listPackage } from '@electron/asar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = process.execPath;
const isLinux = process.platform === 'linux';

/** Where Electron's fuses are in its binary: @electron/fuses looks for this text. */
const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
/** Version 1 of the wire, nine fuses, as Electron ships them: `1` on, `0` off. */
const shippedFuses = Buffer.concat([Buffer.from([1, 9]), Buffer.from('101100100')]);

describe.skipIf(!isLinux)('the packaged app', () => {
  let project: string;
  let resources: string;
  let files: string[];

  beforeAll(async () => {
    mkdirSync(join(root, 'out'), { recursive: true });
    project = mkdtempSync(join(root, 'out', 'package-test-'));
    for (const name of ['electron-builder.yml', 'package.json', 'package-lock.json', 'LICENSE']) {
      copyFileSync(join(root, name), join(project, name));
    }
    for (const name of ['assets', 'scripts']) cpSync(join(root, name), join(project, name), { recursive: true });
    // What must not be shipped although it lies in the project.
    for (const name of [
      'src-main/not-to-ship.ts',
      'src-main/not-to-ship.test.ts',
      'e2e/not-to-ship.ts',
      'shared/not-to-ship.md',
      '.env',
    ]) {
      mkdirSync(dirname(join(project, name)), { recursive: true });
      writeFileSync(join(project, name), 'secret');
    }
    // Links, not copies: electron-builder follows the real folders of packages.
    await run('cp', ['-al', join(root, 'node_modules'), join(project, 'node_modules')]);
    const build = [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'];
    await run(node, [...build, '--outDir', join(project, 'out'), '--logLevel', 'error'], { cwd: root });
    const electron = makeStandIn(join(project, 'stand-in'));
    await run(
      node,
      [
        join(project, 'node_modules', 'electron-builder', 'cli.js'),
        '--linux',
        'dir',
        `--${process.arch}`,
        '--publish',
        'never',
        `-c.electronDist=${electron}`,
      ],
      { cwd: project, env: { ...process.env, PATH: `${dirname(node)}:${process.env['PATH'] ?? ''}` } },
    );
    resources = join(app(), 'resources');
    files = listPackage(join(resources, 'app.asar'), { isPack: false });
  }, 300_000);

  /** electron-builder names the folder after the architecture unless it is x64. */
  const app = (): string =>
    join(project, 'dist', process.arch === 'x64' ? 'linux-unpacked' : `linux-${process.arch}-unpacked`);

  afterAll(() => rmSync(project, { recursive: true, force: true }));

  it('has every program under the name by which it is looked for', () => {
    for (const name of ['electron', 'headless', 'worker', 'git-helper', 'cli', 'node-thread', 'demo-agent']) {
      expect(files).toContain(`/out/main/${name}.js`);
    }
    expect(files).toContain('/out/preload/preload.cjs');
    expect(files).toContain('/out/renderer/index.html');
    const { main } = JSON.parse(extractFile(join(resources, 'app.asar'), 'package.json').toString()) as {
      main: string;
    };
    expect(files).toContain(`/${main}`);
  });

  it('has no sources, tests, tools or notes', () => {
    const shipped = /^\/(node_modules|out|package\.json)(\/|$)/;
    expect(files.filter((file) => !shipped.test(file))).toEqual([]);
    expect(files.filter((file) => /^\/out\/(?!(main|preload|renderer)(\/|$))/.test(file))).toEqual([]);
    expect(files.filter((file) => /not-to-ship|\.env$|\.tsx?$|\.map$|\.test\./.test(file))).toEqual([]);
    expect(
      files.filter((file) => /^\/node_modules\/(electron|vite|vitest|typescript|playwright|react)(\/|$)/.test(file)),
    ).toEqual([]);
  });

  it('has the SQLite of this system only, outside the archive', () => {
    const natives = files.filter((file) => file.endsWith('.node'));
    expect(natives.map((file) => file.replace(/^.*\//, '')).sort()).toEqual([
      `linux-${process.arch}.node`,
      `linuxmusl-${process.arch}.node`,
    ]);
    for (const native of natives)
      expect(statSync(join(resources, 'app.asar.unpacked', native)).size).toBeGreaterThan(0);
  });

  it('runs its programs on the Node that it brings, outside the archive', async () => {
    const bundled = join(resources, 'node', 'node');
    const unpacked = join(resources, 'app.asar.unpacked');
    const { stdout: version } = await run(bundled, ['--version']);
    expect(version).toMatch(/^v24\./);
    const { stdout: usage } = await run(bundled, [join(unpacked, 'out', 'main', 'cli.js'), '--help']);
    expect(usage).toContain('gantry');
    const query =
      'import Database from "better-sqlite3"; console.log(new Database(":memory:").prepare("select 41 + 1").pluck().get())';
    writeFileSync(join(unpacked, 'query.mjs'), query);
    expect((await run(bundled, [join(unpacked, 'query.mjs')])).stdout.trim()).toBe('42');
  });

  it('starts the whole app from what is shipped, and ends it', async () => {
    const program = (name: string): string => join(resources, 'app.asar.unpacked', 'out', 'main', `${name}.js`);
    const home = join(project, 'home');
    const env = { ...process.env, GANTRY_HOME: home };
    const host = spawn(
      join(resources, 'node', 'node'),
      [program('headless'), '--port', '0', '--no-open', '--until-stdin-closes'],
      { env, stdio: ['pipe', 'pipe', 'pipe'] },
    );
    let said = '';
    const ended = once(host, 'exit');
    const ready = new Promise<void>((resolve) => {
      const listen = (data: Buffer): void => {
        said += data.toString();
        if (said.includes('is ready')) resolve();
      };
      host.stdout.on('data', listen);
      host.stderr.on('data', listen);
    });
    await Promise.race([ready, ended]);
    expect(said).toContain('is ready');
    host.stdin.end();
    expect((await ended)[0]).toBe(0);
    // The worker outlives its app: it is ended as a person would.
    await run(join(resources, 'node', 'node'), [program('cli'), 'shutdown'], { env });
  });

  it('has its fuses set: no Node in disguise, no inspection, nothing but its own archive', () => {
    const binary = readFileSync(join(app(), 'gantry'));
    const wire = binary.subarray(binary.indexOf(fuseSentinel) + fuseSentinel.length + 2).toString();
    const [runAsNode, cookies, nodeOptions, inspect, integrity, onlyAsar, , fileProtocol] = wire;
    expect({ runAsNode, cookies, nodeOptions, inspect, integrity, onlyAsar, fileProtocol }).toEqual({
      runAsNode: '0',
      cookies: '1',
      nodeOptions: '0',
      inspect: '0',
      integrity: '1',
      onlyAsar: '1',
      fileProtocol: '0',
    });
  });

  it('keeps its footprint: under 100 MB without Electron and Node', () => {
    const bytes = sizeOf(join(resources, 'app.asar')) + sizeOf(join(resources, 'app.asar.unpacked'));
    expect(bytes).toBeLessThan(100 * 1024 * 1024);
  });
});

/** A folder that looks enough like Electron's to be packaged. */
function makeStandIn(folder: string): string {
  mkdirSync(join(folder, 'resources'), { recursive: true });
  mkdirSync(join(folder, 'locales'));
  writeFileSync(join(folder, 'electron'), Buffer.concat([Buffer.from(fuseSentinel), shippedFuses]), { mode: 0o755 });
  const electronPackage = readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8');
  const { version } = JSON.parse(electronPackage) as { version: string };
  writeFileSync(join(folder, 'version'), version);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'locales/en-US.pak'])
    writeFileSync(join(folder, name), 'stand-in');
  return folder;
}

function sizeOf(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((total, name) => total + sizeOf(join(path, name)), 0);
}
