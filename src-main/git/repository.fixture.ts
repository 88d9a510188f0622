/** Real repositories in temporary folders, and a look at everything in one that is the person's. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CommitId, LaneId } from '#shared/model/ids.ts';
import { entries } from '../app/entries.ts';
import type { OpenedRepository } from '../ports/git.ts';
import type { Log } from '../ports/log.ts';
import { scrubEnvironment } from './git-environment.ts';
import { GitHelper } from './git-helper/git-helper.ts';
import { type OpenGit, openGit } from './open-git.ts';

/** A log that keeps what it is told. */
export function recordingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const write = (message: string): void => void lines.push(message);
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
  return { ...log, lines };
}

/** A helper for tests of what is below `openGit`. Close it. */
export function testHelper(): GitHelper {
  return new GitHelper({
    program: entries.gitHelper,
    nodeProgram: process.execPath,
    env: scrubEnvironment(process.env),
  });
}

const personEnvironment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

/** A temporary world: the person's repository and Gantry's data folder. Dispose it. */
export class RepositoryFixture {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-git-')));
  /** The person's checkout. */
  readonly path: string;
  readonly dataFolder = join(this.root, 'data');
  readonly log = recordingLog();
  readonly #opened: OpenGit[] = [];

  constructor(name = 'parcel') {
    this.path = join(this.root, name);
    mkdirSync(this.path);
    this.git('init', '--quiet', '--initial-branch=main');
  }

  /** A repository with one commit: `file.txt` of ten lines, and a `.gitignore`. */
  static withCommit(name?: string): RepositoryFixture {
    const fixture = new RepositoryFixture(name);
    fixture.write({ 'file.txt': numbered(10), '.gitignore': 'ignored/\n*.secret\n' });
    fixture.commit('first');
    return fixture;
  }

  /** Runs git as the person, in their checkout. */
  git(...args: string[]): string {
    return this.gitIn(this.path, ...args);
  }

  gitIn(cwd: string, ...args: string[]): string {
    return execFileSync('git', args, {
      cwd,
      env: personEnvironment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trimEnd();
  }

  /** Like `gitIn`, for commands that may fail. */
  tryGitIn(cwd: string, ...args: string[]): number | null {
    return spawnSync('git', args, { cwd, env: personEnvironment, stdio: 'ignore' }).status;
  }

  write(files: Readonly<Record<string, string | Buffer>>, folder = this.path): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  }

  commit(message: string, folder = this.path): CommitId {
    this.gitIn(folder, 'add', '--all');
    this.gitIn(folder, 'commit', '--quiet', '--allow-empty', '-m', message);
    return this.head(folder);
  }

  head(folder = this.path): CommitId {
    return this.gitIn(folder, 'rev-parse', 'HEAD') as CommitId;
  }

  openGit(options: { lockWaitMs?: number; env?: NodeJS.ProcessEnv } = {}): OpenGit {
    const { dataFolder, log } = this;
    const git = openGit({ dataFolder, log, lockWaitMs: 300, helperProgram: entries.gitHelper, ...options });
    this.#opened.push(git);
    return git;
  }

  async open(path = this.path): Promise<OpenedRepository> {
    const opened = await this.openGit().open(path);
    if (!opened.ok) throw opened.error;
    return opened.value;
  }

  /** All that is the person's: their files, index, configuration, HEAD, stash, hooks and branches but Gantry's. */
  personState(): Record<string, string> {
    const state: Record<string, string> = {};
    const walk = (folder: string, prefix: string): void => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (prefix === '' && entry.name === '.git') continue;
        if (entry.isDirectory()) walk(path, `${prefix}${entry.name}/`);
        else state[`${prefix}${entry.name}`] = `${statSync(path).mtimeMs} ${hash(readFileSync(path))}`;
      }
    };
    walk(this.path, '');
    for (const name of ['index', 'config', 'HEAD', 'info/exclude', 'logs/HEAD']) {
      const path = join(this.path, '.git', name);
      state[`.git/${name}`] = existsSync(path) ? hash(readFileSync(path)) : 'missing';
    }
    state['refs'] = this.git('for-each-ref', '--format=%(refname) %(objectname)')
      .split('\n')
      .filter((line) => !/^refs\/(heads\/)?gantry\//.test(line))
      .join('\n');
    return state;
  }

  async dispose(): Promise<void> {
    for (const git of this.#opened) await git.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** `line 1` to `line n`, one each line. */
export function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');
}

/** The id of a lane for tests. */
export function laneId(number: number): LaneId {
  return `lane-test${String(number).padStart(6, '0')}` as LaneId;
}
