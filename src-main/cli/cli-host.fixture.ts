/** The command line as a script uses it: a host of its own, a repository, a real engine, and nothing left at the end. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DockerFixture, expectOk } from '../docker/docker.fixture.ts';
import { serviceLabel } from '../ports/service-labels.ts';
import { findHost } from './host-connection.ts';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));
const headless = fileURLToPath(new URL('../headless/main.ts', import.meta.url));
const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A host and the commands that are given to it. */
export class CliHost {
  readonly docker: DockerFixture;
  readonly repository: string;
  readonly #home: string;
  #host: ChildProcess | null = null;

  private constructor(docker: DockerFixture, home: string) {
    this.docker = docker;
    this.#home = home;
    this.repository = join(home, 'repository');
  }

  /** An empty repository. Start the host once it has what it is to have. */
  static async open(): Promise<CliHost> {
    const host = new CliHost(await DockerFixture.open(), mkdtempSync(join(tmpdir(), 'gantry-cli-')));
    execFileSync('git', ['init', '-q', '-b', 'main', host.repository]);
    host.commit({});
    return host;
  }

  /** Writes files and commits them. */
  commit(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.repository, name), text);
    const git = (...args: string[]): void => void execFileSync('git', ['-C', this.repository, ...identity, ...args]);
    git('add', '.');
    git('commit', '-q', '--allow-empty', '-m', 'Change');
  }

  async start(...options: string[]): Promise<void> {
    this.#host = spawn(
      process.execPath,
      [headless, '--port', '0', '--no-open', '--until-stdin-closes', '--repo', this.repository, ...options],
      { env: this.#environment(), stdio: ['pipe', 'ignore', 'inherit'] },
    );
    let last = '';
    for (let attempt = 0; attempt < 300; attempt += 1) {
      // Asked before it serves, a command would start a host of its own, and keep this one from starting.
      if (findHost(join(this.#home, 'data')) !== null) {
        const looked = await this.gantry(['status', '--json']);
        if (looked.code === 0 && JSON.parse(looked.stdout).length === 1) return;
        last = `${looked.stdout}${looked.stderr}`;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`The host did not start: ${last}`);
  }

  /** Runs a command to its end. */
  gantry(args: readonly string[], input = ''): Promise<Ended> {
    const child = this.spawn(args);
    child.stdin?.end(input);
    return ended(child);
  }

  /** Runs a command, and answers at once. */
  spawn(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [program, ...args], { env: this.#environment(), stdio: ['pipe', 'pipe', 'pipe'] });
  }

  /** The answer of a command with `--json`; throws when it did not end with 0. */
  async json<Value>(line: string): Promise<Value> {
    const looked = await this.gantry([...line.split(' '), '--json']);
    if (looked.code !== 0)
      throw new Error(`gantry ${line} ended with ${looked.code}: ${looked.stdout}${looked.stderr}`);
    return JSON.parse(looked.stdout) as Value;
  }

  /** A file beside the repository; answers its path. */
  file(name: string, text: string): string {
    const path = join(this.#home, 'files', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Ends the host and its worker, and takes away what they made. */
  async dispose(): Promise<void> {
    const host = this.#host;
    if (host !== null && host.exitCode === null) {
      await this.gantry(['shutdown']);
      await new Promise<void>((resolve) => {
        host.once('exit', () => resolve());
        host.stdin?.end();
      });
    }
    await this.#removeOwn();
    await this.docker.removeAll();
    rmSync(this.#home, { recursive: true, force: true });
  }

  #environment(): NodeJS.ProcessEnv {
    // Nothing is shown to a person: a preview's address is only printed.
    const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...rest } = process.env;
    // Every command is a process of its own, which need not read all sources anew.
    return { ...rest, GANTRY_HOME: join(this.#home, 'data'), NODE_COMPILE_CACHE: join(this.#home, 'compiled') };
  }

  /** What the host of this run made on the engine, by its own label. */
  async #removeOwn(): Promise<void> {
    const { engine } = this.docker;
    const instance = readFileSync(join(this.#home, 'data', 'services', 'instance'), 'utf8').trim();
    if (instance === '') throw new Error('The host has no instance, so nothing is known to be its own.');
    const isOwn = (each: { labels: Readonly<Record<string, string>> }): boolean =>
      each.labels[serviceLabel.instance] === instance;
    for (const each of expectOk(await engine.listContainers({})).filter(isOwn)) {
      expectOk(await engine.removeContainer(each.id));
    }
    for (const each of expectOk(await engine.listNetworks({})).filter(isOwn)) {
      expectOk(await engine.removeNetwork(each.name));
    }
    for (const each of expectOk(await engine.listVolumes({})).filter(isOwn)) {
      expectOk(await engine.removeVolume(each.name));
    }
  }
}

function ended(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
