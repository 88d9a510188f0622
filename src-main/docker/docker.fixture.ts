/**
 * A real engine for tests: images made of busybox without any registry, names and labels of one
 * test run, and an end at which nothing of it is left.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import type { ContainerEngine, ContainerFacts, ContainerSpec, EngineResult, EngineState } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';
import { serviceLabel } from '../ports/service-labels.ts';
import { openDockerEngine } from './open-docker-engine.ts';

/** What things of a test run carry. */
const testLabel = 'gantry.test';
const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silentLog };

/**
 * Why tests with a real engine cannot run here; null if they can. For
 * `describe.skipIf(problem !== null)`. In continuous integration, where they must run, it throws.
 */
export async function requireDocker(): Promise<string | null> {
  const problem = imageProblem() ?? (await engineProblem());
  if (problem === null) return null;
  if (process.env['CI'] === 'true') throw new Error(`Tests with a real engine cannot run: ${problem}`);
  console.log(`Skipped: tests with a real engine, as ${problem}.`);
  return problem;
}

/** Why no images can be made here; null if they can. */
export function imageProblem(): string | null {
  return findBusybox() === null ? 'there is no static busybox (Debian: busybox-static)' : null;
}

/** One test run's part of the engine. Open it in `beforeAll`, `removeAll` in `afterAll`. */
export class DockerFixture {
  /** Begins all names. */
  readonly prefix: string;
  /** For labels as Gantry sets them: containers with this instance are removed too. */
  readonly instance: string;
  /** Carried by what the fixture makes; add them to what you make. */
  readonly labels: Readonly<Record<string, string>>;
  /** Carried by all containers of its images. */
  readonly imageLabels: Readonly<Record<string, string>>;
  readonly engine: ContainerEngine;
  /** Where it is; null for the machine's. */
  readonly endpoint: string | null;
  #number = 0;

  private constructor(engine: ContainerEngine, endpoint: string | null, id: string) {
    this.engine = engine;
    this.endpoint = endpoint;
    this.instance = id;
    this.prefix = `gantry-test-${id}`;
    this.imageLabels = { [testLabel]: id };
    this.labels = { [testLabel]: id, [serviceLabel.instance]: id };
  }

  /** Connects to the machine's engine, or the one at `endpoint`. Ask `requireDocker` before. */
  static async open(endpoint: string | null = null): Promise<DockerFixture> {
    const id = systemRandom.id(8);
    const engine = openDockerEngine({ endpoint, instance: id, clock: systemClock, log: silentLog });
    const state = await settledState(engine);
    if (state.state !== 'ready') throw new Error(`The engine is ${state.state}.`);
    return new DockerFixture(engine, endpoint, id);
  }

  /** A name that nobody else has. */
  name(what: string): string {
    this.#number += 1;
    return `${this.prefix}-${what}-${this.#number}`;
  }

  /**
   * An image of busybox with all its commands, and `files` by absolute path; those below `/bin` and
   * `/www/cgi-bin` can be executed. `changes` are lines of a Dockerfile. Answers its reference.
   */
  async image(options: { files?: Record<string, string>; changes?: readonly string[] } = {}): Promise<string> {
    this.#number += 1;
    const tag = `${this.prefix}/image:${this.#number}`;
    // Inherited by all containers of the image, so that none is left, whoever made it.
    const changes = [`LABEL ${testLabel}=${this.instance}`, ...(options.changes ?? [])];
    expectOk(await this.engine.importImage(once(busyboxRoot(options.files ?? {})), { tag, changes }));
    return tag;
  }

  /**
   * A web server on port 8080 that answers `/` with `version`, `/healthz` with "ok" as long as
   * /www/healthz is there, and `/cgi-bin/slow` after `?<seconds>`. It ends at once on TERM.
   */
  webImage(version: string): Promise<string> {
    return this.image({
      files: {
        '/www/index.html': version,
        '/www/healthz': 'ok',
        '/www/cgi-bin/slow':
          '#!/bin/sh\nsleep "${QUERY_STRING:-1}"\nprintf "Content-Type: text/plain\\r\\n\\r\\nslow"\n',
        '/bin/serve': '#!/bin/sh\ntrap "exit 0" TERM\nhttpd -f -p "${PORT:-8080}" -h /www &\nwait\n',
      },
      changes: ['CMD ["/bin/serve"]', 'EXPOSE 8080'],
    });
  }

  /** A spec of a container that sleeps, ends at once when stopped, and belongs to this run. */
  spec(overrides: Partial<ContainerSpec> & Pick<ContainerSpec, 'image'>): ContainerSpec {
    return {
      name: this.name('container'),
      entrypoint: null,
      command: ['sh', '-c', 'trap "exit 0" TERM; sleep 3600 & wait'],
      env: {},
      workingDirectory: null,
      user: null,
      hostname: null,
      networks: [],
      publish: [],
      mounts: [],
      cpus: null,
      memoryBytes: null,
      pids: null,
      restart: 'no',
      health: null,
      stopSignal: null,
      stopGraceMs: null,
      logBytesMax: 10 * 1_024 * 1_024,
      ...overrides,
      labels: { ...this.labels, ...overrides.labels },
    };
  }

  /** Makes and starts a container; answers its id. */
  async start(overrides: Partial<ContainerSpec> & Pick<ContainerSpec, 'image'>): Promise<string> {
    const { id } = expectOk(await this.engine.createContainer(this.spec(overrides)));
    expectOk(await this.engine.startContainer(id));
    return id;
  }

  /** Waits until a container is as `isSo` wants it. */
  async containerThat(id: string, isSo: (container: ContainerFacts) => boolean): Promise<ContainerFacts> {
    for (let attempt = 0; attempt < 600; attempt += 1) {
      const container = expectOk(await this.engine.inspectContainer(id));
      if (isSo(container)) return container;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`The container ${id} did not become what was expected.`);
  }

  /** Removes all containers, networks, volumes and images of this run, and closes the engine. */
  async removeAll(): Promise<void> {
    const { engine } = this;
    const isMine = (name: string, labels: Readonly<Record<string, string>>): boolean =>
      name.startsWith(this.prefix) ||
      labels[testLabel] === this.instance ||
      labels[serviceLabel.instance] === this.instance;
    try {
      for (const { id, name, labels } of expectOk(await engine.listContainers({}))) {
        if (isMine(name, labels)) expectOk(await engine.removeContainer(id));
      }
      for (const { name, labels } of expectOk(await engine.listNetworks({}))) {
        if (!isMine(name, labels)) continue;
        const removed = await engine.removeNetwork(name);
        // Docker 20.10 can keep the end of a container that went while it started, until its own next start.
        if (!removed.ok && removed.error.reason !== 'in-use') expectOk(removed);
      }
      for (const { name, labels } of expectOk(await engine.listVolumes({}))) {
        if (isMine(name, labels)) expectOk(await engine.removeVolume(name));
      }
      for (const { tags, labels } of expectOk(await engine.listImages())) {
        for (const tag of tags) if (isMine(tag, labels)) expectOk(await engine.removeImage(tag));
      }
    } finally {
      engine.dispose();
    }
  }
}

/** The value of a result, or an error that says why there is none. */
export function expectOk<T>(result: EngineResult<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.reason}: ${result.error.message} (${result.error.detail})`);
}

/** Waits for the state that follows the first try to connect. */
export function settledState(engine: ContainerEngine): Promise<EngineState> {
  if (engine.state.state !== 'connecting') return Promise.resolve(engine.state);
  return new Promise((resolve) => {
    const subscription = engine.onDidChangeState((state) => {
      if (state.state === 'connecting') return;
      subscription.dispose();
      resolve(state);
    });
  });
}

async function engineProblem(): Promise<string | null> {
  const engine = openDockerEngine({ endpoint: null, instance: '', clock: systemClock, log: silentLog });
  try {
    const state = await settledState(engine);
    switch (state.state) {
      case 'ready':
        return state.os === 'linux' ? null : `the engine runs containers of ${state.os}`;
      case 'connecting':
        return 'the engine does not answer';
      default:
        return `the engine is ${state.state}: ${state.advice}`;
    }
  } finally {
    engine.dispose();
  }
}

function findBusybox(): string | null {
  const found = ['/bin/busybox', '/usr/bin/busybox', '/usr/local/bin/busybox'].find((path) => existsSync(path));
  // A dynamic one would find no library in an image of its own.
  if (found === undefined || spawnSync('ldd', [found]).status === 0) return null;
  return found;
}

/** A root file system as a tar: busybox, a link for each of its commands, and `files`. */
export function busyboxRoot(files: Readonly<Record<string, string>>): Buffer {
  const busybox = findBusybox();
  if (busybox === null) throw new Error('There is no static busybox.');
  const root = mkdtempSync(join(tmpdir(), 'gantry-root-'));
  try {
    for (const folder of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'run']) mkdirSync(join(root, folder));
    chmodSync(join(root, 'tmp'), 0o1777);
    copyFileSync(busybox, join(root, 'bin', 'busybox'));
    const commands = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean);
    for (const command of commands) if (command !== 'busybox') symlinkSync('busybox', join(root, 'bin', command));
    writeFileSync(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n');
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text, { mode: /^\/(bin|www\/cgi-bin)\//.test(path) ? 0o755 : 0o644 });
    }
    return execFileSync('tar', ['--create', '--numeric-owner', '--owner=0', '--group=0', '--directory', root, '.'], {
      maxBuffer: 64 * 1_024 * 1_024,
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Bytes as a stream of one piece. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
