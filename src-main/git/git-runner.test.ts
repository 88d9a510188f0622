import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { scrubEnvironment } from './git-environment.ts';
import { GitRunner } from './git-runner.ts';
import { laneNameOf, parseLaneFolder, slugOf } from './lane-names.ts';
import { testHelper } from './repository.fixture.ts';
import { Semaphore } from './semaphore.ts';
import { parseWorktreeList } from './worktree-list.ts';

let folder: string;
const helper = testHelper();
const git = new GitRunner({ helper, lockWaitMs: 100 });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-runner-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

afterAll(() => helper.close());

test('an exit code that is no answer is a failure with what git said', async () => {
  await expect(git.run({ cwd: folder, args: ['rev-parse', '--verify', 'HEAD'] })).rejects.toMatchObject({
    name: 'GitFailure',
    exitCode: 128,
    stderr: expect.stringContaining('not a git repository') as string,
  });
  const { exitCode } = await git.run({ cwd: folder, args: ['rev-parse'], answers: [128] });
  expect(exitCode).toBe(128);
});

test('arguments reach git as they are, and input by its standard input', async () => {
  const odd = '$(touch x) `id` "q" \'s\' ; rm -rf . * \n é';
  expect(await git.text({ cwd: folder, args: ['rev-parse', '--sq-quote', odd] })).toContain('$(touch x)');
  expect(await git.text({ cwd: folder, args: ['hash-object', '--stdin'], input: 'hello\n' })).toBe(
    'ce013625030ba8dba906f756967f9e9ca394464a',
  );
});

test('output past its bound is cut where that is allowed and a failure elsewhere', async () => {
  const call = { cwd: folder, args: ['help', '--all'], outputBytesMax: 100 };
  await expect(git.run(call)).rejects.toThrow('printed too much');
  const output = await git.run({ ...call, mayCut: true });
  expect(output.cut).toBe(true);
  expect(output.stdout).toHaveLength(100);
});

test('a command that takes too long is ended', async () => {
  // Waits for an input that never comes.
  await git.run({ cwd: folder, args: ['init', '--quiet'] });
  const waiting = git.run({ cwd: folder, args: ['cat-file', '--batch'], timeoutMs: 100 });
  await expect(waiting).rejects.toThrow('took too long');
});

test('a worktree that another git is just making is waited for', async () => {
  const main = join(folder, 'main');
  await git.run({ cwd: folder, args: ['init', '--quiet', main] });
  await git.run({ cwd: main, args: ['commit', '--quiet', '--allow-empty', '-m', 'first'] });
  await git.run({ cwd: main, args: ['worktree', 'add', '--quiet', '--detach', join(folder, 'linked')] });
  const commonFolderFile = join(main, '.git', 'worktrees', 'linked', 'commondir');
  writeFileSync(commonFolderFile, '');
  const call = { cwd: main, args: ['worktree', 'list'] };
  await expect(git.run(call)).rejects.toThrow(/Another git holds .*worktrees\/linked\/commondir/);
  const patient = new GitRunner({ helper, lockWaitMs: 10_000 });
  const listing = patient.text(call);
  writeFileSync(commonFolderFile, '../..\n');
  expect((await listing).split('\n')).toHaveLength(2);
});

test('nothing of a surrounding git or of a terminal is handed on', () => {
  const scrubbed = scrubEnvironment({
    PATH: '/bin',
    HOME: '/h',
    GIT_DIR: '/x',
    git_work_tree: '/y',
    EDITOR: 'vi',
    PAGER: 'less',
  });
  expect(scrubbed).toMatchObject({ PATH: '/bin', HOME: '/h', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' });
  expect(Object.keys(scrubbed)).not.toEqual(expect.arrayContaining(['GIT_DIR']));
  for (const name of ['GIT_DIR', 'git_work_tree', 'EDITOR', 'PAGER']) expect(scrubbed).not.toHaveProperty(name);
});

test('a queue runs one job at a time, in order, also after one that fails', async () => {
  const queue = new Semaphore(1);
  const order: string[] = [];
  const job = (name: string, fails = false) =>
    queue.run(async () => {
      order.push(`${name} starts`);
      await Promise.resolve();
      order.push(`${name} ends`);
      if (fails) throw new Error(name);
    });
  await Promise.allSettled([job('a'), job('b', true), job('c')]);
  expect(order).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
});

test('names of lanes are plain, bounded and can be read back', () => {
  expect(slugOf('  Ärger mit --Optionen; rm -rf / ')).toBe('arger-mit-optionen-rm-rf');
  expect(slugOf('日本語')).toBe('work');
  expect(slugOf('x'.repeat(200))).toHaveLength(40);
  expect(slugOf(`${'x'.repeat(39)} y`)).not.toMatch(/-$/);
  const name = laneNameOf(12, 'Add login', 3);
  expect(parseLaneFolder(`lane-${name}`)).toEqual({ name: '12-add-login-3', number: 12 });
  expect(parseLaneFolder('lane-../12-x')).toBeNull();
});

test('worktrees are read as git lists them', () => {
  const head = 'a'.repeat(40);
  const text = `worktree /r\0HEAD ${head}\0branch refs/heads/main\0\0worktree /w\nx\0HEAD ${head}\0detached\0locked gantry lane-x\0prunable gone\0\0worktree /b\0bare\0\0`;
  expect(parseWorktreeList(text)).toEqual([
    { path: '/r', isBare: false, head, ref: 'refs/heads/main', lockReason: null, isMissing: false },
    { path: '/w\nx', isBare: false, head, ref: null, lockReason: 'gantry lane-x', isMissing: true },
    { path: '/b', isBare: true, head: null, ref: null, lockReason: null, isMissing: false },
  ]);
});
