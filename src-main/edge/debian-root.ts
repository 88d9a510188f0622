/**
 * A root file system with HAProxy and busybox out of Debian's packages: those installed here, or
 * downloaded from Debian's archive and unpacked, without installing anything.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fail, ok, type Result } from '#shared/base/result.ts';
import { tarOf, type TarFile, type TarLink } from '../platform/tar.ts';

const execute = promisify(execFile);

const packages = ['haproxy', 'busybox-static'];
const haproxyPath = '/usr/sbin/haproxy';
const busyboxPath = '/bin/busybox';
/** Newer Debians have it there. */
const busyboxPaths = [busyboxPath, '/usr/bin/busybox'];
const programMs = 120_000;
const outputBytesMax = 4 * 1_024 * 1_024;
const executable = 0o755;

/** What Debian and container engines call the processors that Node names so. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', ia32: '386', arm: 'arm' };

/** Looked up by the C library when a process ends a thread; no program names it. */
const unnamedLibraries = ['libgcc_s.so.1'];

/**
 * The root as a tar archive, for engines of `architecture`; an error is a sentence that says why
 * there is none.
 */
export async function debianRoot(
  architecture: string | null,
  onProgress: (line: string) => void,
): Promise<Result<Uint8Array, string>> {
  const here = architectures[process.arch];
  if (process.platform !== 'linux') return fail('This machine does not run Debian.');
  if (architecture !== null && architecture !== here) {
    return fail(`The engine runs on ${architecture}, this machine on ${here ?? process.arch}.`);
  }
  if (existsSync(haproxyPath) && busyboxPaths.some((path) => existsSync(path))) return attempt(() => rootFrom('/'));
  const folder = await mkdtemp(join(tmpdir(), 'gantry-edge-'));
  try {
    return await attempt(async () => {
      onProgress(`downloading Debian's ${packages.join(' and ')}`);
      await downloadInto(folder);
      return rootFrom(join(folder, 'root'));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function attempt(make: () => Promise<Uint8Array>): Promise<Result<Uint8Array, string>> {
  try {
    return ok(await make());
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    const message = error instanceof Error ? error.message : String(error);
    return fail(`${(said || message).split('\n').at(-1)}.`.replace(/\.\.$/, '.'));
  }
}

/** The packages and all that they need and this machine does not have, unpacked into `root`. */
async function downloadInto(folder: string): Promise<void> {
  const plan = await run('apt-get', ['install', '--simulate', '--no-install-recommends', ...packages], folder);
  const names = [...plan.matchAll(/^Inst (\S+)/gm)].flatMap(([, name]) => name ?? []);
  await run('apt-get', ['download', ...new Set([...packages, ...names])], folder);
  for (const file of await readdir(folder)) {
    if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', file, 'root'], folder);
  }
}

/** Programs with their libraries, from below `base`; libraries that are not there from this machine. */
async function rootFrom(base: string): Promise<Uint8Array> {
  const busybox = busyboxPaths.map((path) => join(base, path)).find((path) => existsSync(path)) ?? busyboxPath;
  const programs = [
    { path: haproxyPath, source: join(base, haproxyPath) },
    { path: busyboxPath, source: busybox },
  ];
  const libraries = new Map<string, string>();
  for (const { source } of programs) {
    for (const library of await librariesOf(source, base)) libraries.set(library.path, library.source);
  }
  const folders = new Set([...libraries.keys()].map((path) => path.slice(0, path.lastIndexOf('/'))));
  for (const path of [...folders].flatMap((folder) => unnamedLibraries.map((name) => `${folder}/${name}`))) {
    const source = [join(base, path), path].find((candidate) => existsSync(candidate));
    if (source !== undefined) libraries.set(path, source);
  }
  const applets = (await run(busybox, ['--list'], '/')).split('\n').filter((name) => name !== '');
  const files = [...programs, ...[...libraries].map(([path, source]) => ({ path, source }))];
  return tarOf([
    { folder: 'tmp', mode: 0o1777 },
    { path: 'etc/passwd', bytes: Buffer.from('root:x:0:0::/:/bin/sh\nhaproxy:x:99:99::/:/bin/sh\n'), mode: 0o644 },
    ...(await Promise.all(files.map(({ path, source }) => file(path, source)))),
    ...applets
      .filter((name) => name !== 'busybox')
      .map((name): TarLink => ({ link: `bin/${name}`, target: busyboxPath })),
  ]);
}

async function file(path: string, source: string): Promise<TarFile> {
  return { path: path.slice(1), bytes: await readFile(await realpath(source)), mode: executable };
}

/** What `ldd` says that a program loads; nothing for a static one. */
async function librariesOf(program: string, base: string): Promise<{ path: string; source: string }[]> {
  const found = await libraryFolders(base);
  const said = await run('ldd', [program], '/', { LD_LIBRARY_PATH: found.join(':') }).catch((error: unknown) => {
    const text =
      error instanceof Error && 'stdout' in error
        ? `${String(error.stdout)}${String(Reflect.get(error, 'stderr'))}`
        : '';
    if (text.includes('not a dynamic executable')) return '';
    throw error;
  });
  const missing = /^\s*(\S+) => not found/m.exec(said)?.[1];
  if (missing !== undefined) throw new Error(`HAProxy needs ${missing}, which is not on this machine`);
  const prefix = base === '/' ? '' : base;
  return [...said.matchAll(/(?:^|=>)\s*(\/\S+) \(0x/gm)].flatMap(([, source]) => {
    if (source === undefined) return [];
    return [{ source, path: prefix !== '' && source.startsWith(prefix) ? source.slice(prefix.length) : source }];
  });
}

/** Where libraries may lie below a root that packages were unpacked into. */
async function libraryFolders(base: string): Promise<string[]> {
  if (base === '/') return [];
  const folders: string[] = [];
  for (const parent of ['lib', 'usr/lib']) {
    const path = join(base, parent);
    if (!existsSync(path)) continue;
    const names = (await readdir(path)).filter((name) => name.includes('-linux-gnu'));
    folders.push(path, ...names.map((name) => join(path, name)));
  }
  return folders;
}

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { stdout } = await execute(program, args, {
    cwd,
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive', ...env },
    timeout: programMs,
    maxBuffer: outputBytesMax,
  });
  return stdout;
}
