/**
 * A dockerd that belongs to one test: it may be ended, killed, stopped in its tracks, started again
 * and run out of disk, and nobody else notices. It lives in network, mount and process namespaces of
 * its own, so that it changes no bridge, no rule and no mount of the machine, and so that everything it
 * began ends with them, however the test ends.
 */
import { type ChildProcess, execFileSync, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { once } from 'node:events';
import { imageProblem } from './docker.fixture.ts';

const dockerd = ['/usr/sbin/dockerd', '/usr/bin/dockerd', '/usr/local/bin/dockerd'].find((path) => existsSync(path));
const startMsMax = 60_000;
const endMsMax = 30_000;
const logTailChars = 2_000;

/** What the namespaces live by: the first process in them. It ends when its input does, with this process. */
const keeper = `
busybox ip link set lo up || exit 1
if [ -n "$2" ]; then mount -t tmpfs -o "size=$2" tmpfs "$1/data" || exit 1; fi
echo up
exec 3<&0
cat <&3 >/dev/null &
wait $!
`;

/** How one is set up. */
export interface OwnEngineOptions {
  /** Further words of dockerd's command line. */
  readonly settings?: readonly string[];
  /** The size of its disk, which is in memory then; null for the machine's. */
  readonly diskBytes?: number | null;
}

/**
 * Why no engine of one's own can be had here; null if it can. For `describe.skipIf(problem !== null)`.
 * In continuous integration, where they must run, it throws.
 */
export function requireOwnEngine(): string | null {
  const problem = ownEngineProblem();
  if (problem === null) return null;
  if (process.env['CI'] === 'true') throw new Error(`Tests with an engine of their own cannot run: ${problem}`);
  console.log(`Skipped: tests with an engine of their own, as ${problem}.`);
  return problem;
}

function ownEngineProblem(): string | null {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'only root may start one';
  if (dockerd === undefined) return 'there is no dockerd';
  const images = imageProblem();
  if (images !== null) return images;
  const tried = spawnSync('unshare', ['--net', '--mount', '--pid', '--fork', '--mount-proc', 'busybox', 'true']);
  return tried.status === 0 ? null : 'no namespaces can be made';
}

/** Made by `start`; ends with `dispose`. */
export class OwnEngine {
  /** Sockets have paths of at most 108 bytes: everything is right below the folder for temporary files. */
  readonly folder: string;
  /** As `DOCKER_HOST` has it. */
  readonly endpoint: string;
  readonly #namespaces: ChildProcess;
  readonly #settings: readonly string[];
  /** Whatever runs in a container is below this control group. */
  readonly #group: string;
  #daemon: ChildProcess | null = null;

  private constructor(folder: string, namespaces: ChildProcess, settings: readonly string[]) {
    this.folder = folder;
    this.endpoint = `unix://${join(folder, 'docker.sock')}`;
    this.#namespaces = namespaces;
    this.#settings = settings;
    this.#group = basename(folder);
  }

  /** Resolves when it answers. Ask `requireOwnEngine` before. */
  static async start(options: OwnEngineOptions = {}): Promise<OwnEngine> {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-own-'));
    const { settings = [], diskBytes = null } = options;
    mkdirSync(join(folder, 'data'));
    // In place of the machine's own settings.
    writeFileSync(join(folder, 'daemon.json'), '{}');
    const namespaces = spawn(
      'unshare',
      [
        ...['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
        ...['sh', '-c', keeper, 'sh', folder, diskBytes === null ? '' : String(diskBytes)],
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const engine = new OwnEngine(folder, namespaces, settings);
    await Promise.race([
      once(namespaces.stdout as NodeJS.ReadableStream, 'data'),
      once(namespaces, 'exit').then(() => {
        throw new Error('The namespaces of an engine of its own could not be made.');
      }),
    ]);
    await engine.startAgain();
    return engine;
  }

  /** Starts it, with all that it had before. Resolves when it answers. */
  async startAgain(): Promise<void> {
    if (this.#daemon !== null) throw new Error('It runs.');
    const log = openSync(join(this.folder, 'log'), 'a');
    const of = (name: string): string => join(this.folder, name);
    const daemon = this.#spawn(
      dockerd ?? '',
      [
        ...['--host', this.endpoint, '--data-root', of('data'), '--exec-root', of('x'), '--pidfile', of('pid')],
        ...['--config-file', of('daemon.json'), '--exec-opt', 'native.cgroupdriver=cgroupfs'],
        ...['--cgroup-parent', `/${this.#group}`, ...this.#settings],
      ],
      { stdio: ['ignore', log, log] },
    );
    closeSync(log);
    this.#daemon = daemon;
    daemon.once('exit', () => {
      if (this.#daemon === daemon) this.#daemon = null;
    });
    const untilMs = performance.now() + startMsMax;
    while (!(await this.#answers())) {
      if (this.#daemon === null || performance.now() > untilMs) {
        throw new Error(`dockerd did not start: ${this.#logTail()}`);
      }
      await pause(50);
    }
  }

  /** Ends it with a signal and waits until it has ended. TERM: it ends its containers first. KILL: they are left to run. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === null) return;
    const ended = once(daemon, 'exit');
    this.signal(signal);
    const timer = setTimeout(() => this.signal('SIGKILL'), endMsMax);
    await ended;
    clearTimeout(timer);
  }

  /** Starts it anew without anything that runs, also what an engine that was killed left behind and knows no more. */
  async startAfresh(): Promise<void> {
    await this.end('SIGKILL');
    for (const group of this.#groups()) endGroup(group);
    await this.startAgain();
  }

  /** Sends it a signal and does not wait: with STOP it takes requests and answers none, until CONT. */
  signal(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    const pid = readFileSync(join(this.folder, 'pid'), 'utf8').trim();
    execFileSync('nsenter', [...this.#namespaceWords(), 'sh', '-c', `kill -${signal.slice(3)} ${pid}`]);
    // `nsenter` stops with what it waits for, and would never tell its end.
    if (signal === 'SIGCONT') this.#daemon?.kill('SIGCONT');
  }

  /** Runs a command where its mounts are, as to fill its disk. Answers what it printed. */
  run(command: string, args: readonly string[]): string {
    return execFileSync('nsenter', [...this.#namespaceWords(), command, ...args], { encoding: 'utf8' });
  }

  /** Starts a program of this machine that has the engine's network, where the ports are that it publishes. */
  spawnOnNetwork(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    return spawn('nsenter', [`--net=/proc/${this.#namespaces.pid}/ns/net`, command, ...args], options);
  }

  /** Ends it with everything that it started, and removes all of it. */
  async dispose(): Promise<void> {
    if (this.#namespaces.exitCode === null && this.#namespaces.signalCode === null) {
      const ended = once(this.#namespaces, 'exit');
      const daemonEnded = this.#daemon === null ? null : once(this.#daemon, 'exit');
      this.#daemon?.kill('SIGCONT');
      // The first process of a process namespace takes all others with it.
      this.#namespaces.stdin?.end();
      await ended;
      await daemonEnded;
    }
    for (const group of this.#groups()) removeGroup(group);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    return spawn('nsenter', [...this.#namespaceWords(), command, ...args], options);
  }

  /** In the one hierarchy of control groups, or in each controller's. */
  #groups(): string[] {
    return ['', ...readdirSync('/sys/fs/cgroup')].map((controller) => join('/sys/fs/cgroup', controller, this.#group));
  }

  #namespaceWords(): string[] {
    const of = (name: string): string => `/proc/${this.#namespaces.pid}/ns/${name}`;
    return [`--net=${of('net')}`, `--mount=${of('mnt')}`, `--pid=${of('pid_for_children')}`, '--'];
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const asked = get({ socketPath: join(this.folder, 'docker.sock'), path: '/_ping', agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      });
      asked.on('error', () => resolve(false));
    });
  }

  #logTail(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8').slice(-logTailChars);
  }
}

/** Ends all processes of a control group and of those below it. */
function endGroup(path: string): void {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) endGroup(join(path, entry.name));
  }
  for (const pid of readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch (error) {
      // It has ended since it was listed.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** A control group without processes, with those below it. */
function removeGroup(path: string): void {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroup(join(path, entry.name));
  }
  rmdirSync(path);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
