import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GantryError } from '#shared/contract/error.ts';
import { laneId, RepositoryFixture } from './repository.fixture.ts';

let fixture: RepositoryFixture;

beforeEach(() => {
  fixture = RepositoryFixture.withCommit();
});

afterEach(() => fixture.dispose());

async function refusalOf(path: string): Promise<GantryError> {
  const opened = await fixture.openGit().open(path);
  if (opened.ok) throw new Error(`${path} was opened`);
  expect(opened.error.message).toContain('Nothing was changed.');
  return opened.error;
}

function makeFolder(name: string): string {
  const folder = join(fixture.root, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

test('a repository is opened by any of its folders and has one id', async () => {
  const before = fixture.personState();
  fixture.write({ 'deep/down/x.txt': 'x' });
  symlinkSync(fixture.path, join(fixture.root, 'link'));
  const top = await fixture.open();
  expect(top).toMatchObject({ name: 'parcel', path: fixture.path, currentBranch: 'main', notices: [] });
  expect(top.projectId).toMatch(/^parcel-[0-9a-f]{6}$/);
  expect(await top.branches()).toEqual(['main']);
  const inner = await fixture.open(join(fixture.path, 'deep', 'down'));
  expect(inner.projectId).toBe(top.projectId);
  expect(inner.notices?.[0]).toContain('lies inside a repository');
  expect((await fixture.open(join(fixture.root, 'link'))).projectId).toBe(top.projectId);
  rmSync(join(fixture.path, 'deep'), { recursive: true });
  expect(fixture.personState()).toEqual(before);
});

test('a linked worktree opens its repository, on the branch of that worktree', async () => {
  const linked = join(fixture.root, 'linked');
  fixture.git('worktree', 'add', '--quiet', '-b', 'topic', linked);
  const opened = await fixture.open(linked);
  expect(opened).toMatchObject({ path: fixture.path, currentBranch: 'topic' });
  expect(opened.projectId).toBe((await fixture.open()).projectId);
  expect(opened.notices?.[0]).toContain('linked worktree');
});

test('a worktree beside a bare repository is a place to work from', async () => {
  const bare = join(fixture.root, 'bare.git');
  fixture.git('clone', '--quiet', '--bare', fixture.path, bare);
  const worktree = join(fixture.root, 'from-bare');
  fixture.gitIn(bare, 'worktree', 'add', '--quiet', worktree, 'main');
  const opened = await fixture.open(worktree);
  expect(opened).toMatchObject({ path: worktree, currentBranch: 'main' });
  const lane = await opened.addLaneWorktree({ laneId: laneId(1), number: 1, title: 'x', from: fixture.head() });
  expect(await opened.hasWorktree(lane.worktree)).toBe(true);
});

test('a worktree of Gantry’s own is not taken for a repository', async () => {
  const repository = await fixture.open();
  const { worktree } = await repository.addLaneWorktree({
    laneId: laneId(1),
    number: 1,
    title: 'x',
    from: fixture.head(),
  });
  const refusal = await refusalOf(worktree);
  expect(refusal.code).toBe('not-a-repository');
  expect(refusal.message).toContain(`Open the repository itself: ${fixture.path}`);
});

test('what is no repository says what it is', async () => {
  expect(await refusalOf(join(fixture.root, 'missing'))).toMatchObject({ code: 'not-a-folder' });
  expect(await refusalOf(join(fixture.path, 'file.txt'))).toMatchObject({ code: 'not-a-folder' });
  expect(await refusalOf(makeFolder('plain'))).toMatchObject({ code: 'not-a-repository' });
  expect(await refusalOf(join(fixture.path, '.git'))).toMatchObject({ code: 'not-a-repository' });
  mkdirSync(join(makeFolder('broken'), '.git'));
  expect((await refusalOf(join(fixture.root, 'broken'))).message).toContain('.git folder that git cannot read');
});

test('bare, shallow and empty repositories are refused with what to do', async () => {
  fixture.commit('second');
  fixture.git('clone', '--quiet', '--bare', fixture.path, join(fixture.root, 'bare.git'));
  expect(await refusalOf(join(fixture.root, 'bare.git'))).toMatchObject({ code: 'bare-repository' });
  fixture.git('clone', '--quiet', '--depth=1', `file://${fixture.path}`, join(fixture.root, 'shallow'));
  const shallow = await refusalOf(join(fixture.root, 'shallow'));
  expect(shallow.code).toBe('shallow-repository');
  expect(shallow.message).toContain('git fetch --unshallow');
  const empty = new RepositoryFixture('empty');
  try {
    expect(await refusalOf(empty.path)).toMatchObject({ code: 'no-commits' });
  } finally {
    await empty.dispose();
  }
  fixture.git('switch', '--quiet', '--orphan', 'fresh');
  expect((await refusalOf(fixture.path)).message).toContain('git switch main');
});

test('a detached head takes the obvious branch, or says that there is none', async () => {
  fixture.git('branch', 'other');
  fixture.git('checkout', '--quiet', '--detach');
  expect((await fixture.open()).currentBranch).toBe('main');
  fixture.git('branch', '-m', 'main', 'production');
  const refusal = await refusalOf(fixture.path);
  expect(refusal.code).toBe('unknown-branch');
  expect(refusal.message).toContain('git switch BRANCH');
  fixture.git('branch', '-D', 'other');
  expect((await fixture.open()).currentBranch).toBe('production');
});

test('a repository in the middle of a rebase is opened on the branch that is rebased', async () => {
  fixture.git('switch', '--quiet', '-c', 'topic');
  fixture.write({ 'file.txt': 'topic\n' });
  fixture.commit('topic');
  fixture.git('switch', '--quiet', 'main');
  fixture.write({ 'file.txt': 'main\n' });
  fixture.commit('main');
  fixture.git('switch', '--quiet', 'topic');
  expect(fixture.tryGitIn(fixture.path, 'rebase', 'main')).not.toBe(0);
  const repository = await fixture.open();
  expect(repository.currentBranch).toBe('topic');
  expect((await repository.landingBranch(repository.currentBranch)).because).toContain('a rebase is under way');
});

test('a branch called gantry is in the way of gantry/…', async () => {
  fixture.git('branch', 'gantry');
  expect((await refusalOf(fixture.path)).message).toContain('git branch -m gantry');
});

test('submodules work and are mentioned', async () => {
  const library = RepositoryFixture.withCommit('library');
  try {
    fixture.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.path, 'vendor');
    const head = fixture.commit('submodule');
    const repository = await fixture.open();
    expect(repository.notices?.join()).toContain('submodules');
    const { worktree, branch } = await repository.addLaneWorktree({
      laneId: laneId(1),
      number: 1,
      title: 'x',
      from: head,
    });
    fixture.write({ 'new.txt': 'new' }, worktree);
    await repository.commitAll(worktree, 'work');
    await repository.removeLaneWorktree(worktree, branch, laneId(1));
    expect(existsSync(worktree)).toBe(false);
    const inside = await fixture.open(join(fixture.path, 'vendor'));
    expect(inside).toMatchObject({ path: join(fixture.path, 'vendor'), name: 'vendor' });
  } finally {
    await library.dispose();
  }
});

test('odd names of folders are only names', async () => {
  for (const name of ['with space', '-dash', 'ünï"co$de', 'new\nline']) {
    const odd = RepositoryFixture.withCommit(name);
    try {
      const repository = await odd.open();
      expect(repository.path).toBe(odd.path);
      const { worktree } = await repository.addLaneWorktree({
        laneId: laneId(1),
        number: 1,
        title: name,
        from: odd.head(),
      });
      expect(await repository.hasWorktree(worktree)).toBe(true);
    } finally {
      await odd.dispose();
    }
  }
});

test('a missing or old git is refused with what to do; the variables of a surrounding git do not matter', async () => {
  const programs = makeFolder('programs');
  const none = fixture.openGit({ env: { PATH: programs } });
  expect(await none.version()).toMatchObject({ ok: false, error: { code: 'git-missing' } });
  writeFileSync(join(programs, 'git'), '#!/bin/sh\necho git version 2.37.9\n', { mode: 0o755 });
  expect(await none.version()).toMatchObject({ ok: false, error: { code: 'git-too-old', data: '2.37.9' } });
  expect(await none.open(fixture.path)).toMatchObject({ ok: false, error: { code: 'git-too-old' } });
  writeFileSync(join(programs, 'git'), '#!/bin/sh\necho git version 3.0.1.windows.2\n', { mode: 0o755 });
  expect(await none.version()).toEqual({ ok: true, value: '3.0.1' });
  const env = { ...process.env, GIT_DIR: '/nonexistent', GIT_INDEX_FILE: '/nonexistent', EDITOR: 'vi' };
  expect((await fixture.openGit({ env }).open(fixture.path)).ok).toBe(true);
});

test('a repository that cannot be written is refused', async (context) => {
  const objects = join(fixture.path, '.git', 'objects');
  if (process.getuid?.() !== 0) {
    chmodSync(objects, 0o500);
    expect(await refusalOf(fixture.path)).toMatchObject({ code: 'read-only-folder' });
    chmodSync(objects, 0o700);
    return;
  }
  // Permissions do not bind root, a read-only mount does.
  try {
    execFileSync('mount', ['--bind', fixture.path, fixture.path], { stdio: 'ignore' });
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    context.skip('root may not mount here, so nothing can be made read-only');
  }
  try {
    execFileSync('mount', ['-o', 'remount,ro,bind', fixture.path], { stdio: 'ignore' });
    expect(await refusalOf(fixture.path)).toMatchObject({ code: 'read-only-folder' });
  } finally {
    execFileSync('umount', [fixture.path], { stdio: 'ignore' });
  }
});
