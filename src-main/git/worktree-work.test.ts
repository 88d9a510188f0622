import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OpenedRepository } from '../ports/git.ts';
import { laneId, numbered, RepositoryFixture } from './repository.fixture.ts';

let fixture: RepositoryFixture;
let repository: OpenedRepository;
let worktree: string;

beforeEach(async () => {
  fixture = RepositoryFixture.withCommit();
  fixture.write({ 'picture.bin': Buffer.from([0, 1, 2, 3]), 'doomed.txt': 'old\n' });
  fixture.commit('second');
  repository = await fixture.open();
  ({ worktree } = await repository.addLaneWorktree({
    laneId: laneId(1),
    number: 1,
    title: 'Work',
    from: fixture.head(),
  }));
});

afterEach(() => fixture.dispose());

function inLane(...args: string[]): string {
  return fixture.gitIn(worktree, ...args);
}

/** Lane and target change line 5, one file is deleted here and changed there, and a binary one is changed twice. */
async function collide() {
  fixture.write({ 'file.txt': numbered(10).replace('line 5', 'lane'), 'picture.bin': Buffer.from([0, 9]) }, worktree);
  rmSync(join(worktree, 'doomed.txt'));
  const lane = await repository.commitAll(worktree, 'lane');
  fixture.write({
    'file.txt': numbered(10).replace('line 5', 'target'),
    'picture.bin': Buffer.from([0, 8]),
    'doomed.txt': 'new\n',
  });
  return { lane, target: fixture.commit('target') };
}

test('what is uncommitted is committed as the lane; a clean worktree answers its head', async () => {
  const base = fixture.head();
  expect(await repository.commitAll(worktree, 'nothing')).toBe(base);
  fixture.write({ '-rf': 'leading dash', 'a b\n"c"/ü.txt': 'odd' }, worktree);
  const head = await repository.commitAll(worktree, 'odd names');
  expect(head).not.toBe(base);
  expect(inLane('status', '--porcelain')).toBe('');
  expect((await repository.changedPaths(base, head)).sort()).toEqual(['-rf', 'a b\n"c"/ü.txt']);
});

test('a repository that an agent cloned into its worktree is left out of the commit and stays in the files', async () => {
  for (const folder of ['cloned', 'with space/inner']) {
    fixture.git('clone', '--quiet', fixture.path, join(worktree, folder));
  }
  fixture.write({ 'new.txt': 'new' }, worktree);
  const base = fixture.head();
  const head = await repository.commitAll(worktree, 'work');
  expect(await repository.changedPaths(base, head)).toEqual(['new.txt']);
  expect(existsSync(join(worktree, 'cloned', 'file.txt'))).toBe(true);
  expect(await repository.commitAll(worktree, 'nothing more')).toBe(head);
});

test('a merge without conflicts is committed', async () => {
  fixture.write({ 'mine.txt': 'mine' }, worktree);
  const lane = await repository.commitAll(worktree, 'mine');
  fixture.write({ 'theirs.txt': 'theirs' });
  const target = fixture.commit('theirs');
  expect(await repository.mergeIntoWorktree(worktree, target)).toEqual({ conflicts: [] });
  const head = await repository.worktreeHead(worktree);
  expect(await repository.isAncestor(lane, head)).toBe(true);
  expect(await repository.isAncestor(target, head)).toBe(true);
  expect(await repository.mergeBase(target, head)).toBe(target);
  expect(await repository.mergeIntoWorktree(worktree, target)).toEqual({ conflicts: [] });
});

test('a merge with conflicts stays open with markers, and asking again answers the same', async () => {
  const { target } = await collide();
  const { conflicts } = await repository.mergeIntoWorktree(worktree, target);
  expect(conflicts.map((conflict) => conflict.path).sort()).toEqual(['doomed.txt', 'file.txt', 'picture.bin']);
  expect(conflicts.find((conflict) => conflict.path === 'file.txt')?.hunk).toMatch(
    /<<<<<<<[^]*lane[^]*=======[^]*target/,
  );
  expect(await repository.mergeIntoWorktree(worktree, target)).toEqual({ conflicts });
  expect(await repository.unmergedPaths(worktree)).toEqual(['doomed.txt', 'file.txt', 'picture.bin']);
});

test('a path is decided when its markers are gone, not when they are committed', async () => {
  const { target } = await collide();
  await repository.mergeIntoWorktree(worktree, target);
  inLane('rm', '--quiet', '--', 'doomed.txt');
  inLane('add', 'picture.bin');
  inLane('add', 'file.txt');
  expect(await repository.unmergedPaths(worktree)).toEqual(['file.txt']);
  inLane('commit', '--quiet', '-m', 'careless');
  expect(await repository.unmergedPaths(worktree)).toEqual(['file.txt']);
  fixture.write({ 'file.txt': numbered(10) }, worktree);
  expect(await repository.unmergedPaths(worktree)).toEqual([]);
});

test('a resolution that the agent did not add is committed as the merge', async () => {
  const { lane, target } = await collide();
  await repository.mergeIntoWorktree(worktree, target);
  fixture.write({ 'file.txt': numbered(10).replace('line 5', 'both') }, worktree);
  inLane('add', 'picture.bin', 'doomed.txt');
  expect(await repository.unmergedPaths(worktree)).toEqual([]);
  const head = await repository.commitAll(worktree, 'resolved');
  expect(inLane('rev-parse', `${head}^1`, `${head}^2`).split('\n')).toEqual([lane, target]);
});

test('putting a worktree back saves it first, in whatever state it is', async () => {
  const base = fixture.head();
  const { target } = await collide();
  await repository.mergeIntoWorktree(worktree, target);
  fixture.write({ 'untracked.txt': 'precious', 'ignored/cache': 'kept' }, worktree);
  await repository.resetWorktree(worktree, laneId(1), base);
  expect(await repository.worktreeHead(worktree)).toBe(base);
  expect(inLane('status', '--porcelain')).toBe('');
  expect(existsSync(join(worktree, 'untracked.txt'))).toBe(false);
  expect(readFileSync(join(worktree, 'ignored/cache'), 'utf8')).toBe('kept');
  expect(await repository.unmergedPaths(worktree)).toEqual([]);
  const saved = `refs/gantry/saved/${laneId(1)}/1`;
  expect(fixture.git('show', `${saved}:untracked.txt`)).toBe('precious');
  expect(fixture.git('rev-parse', `${saved}^2`)).toBe(target);
});

test('a worktree that was left on another branch or in a rebase comes back to its own', async () => {
  const { target } = await collide();
  expect(fixture.tryGitIn(worktree, 'rebase', target)).not.toBe(0);
  expect(await repository.hasWorktree(worktree)).toBe(false);
  await repository.resetWorktree(worktree, laneId(1), target);
  expect(await repository.hasWorktree(worktree)).toBe(true);
  inLane('checkout', '--quiet', '-b', 'strayed');
  await repository.resetWorktree(worktree, laneId(1), target);
  expect(await repository.hasWorktree(worktree)).toBe(true);
  expect(inLane('status', '--porcelain')).toBe('');
});

test('a lock that a killed agent left in its worktree does not hold its work up', async () => {
  const gitFolder = inLane('rev-parse', '--absolute-git-dir');
  writeFileSync(join(gitFolder, 'index.lock'), '');
  fixture.write({ 'new.txt': 'new' }, worktree);
  expect(await repository.saveWork(worktree, laneId(1), 'locked', null)).not.toBeNull();
  const head = await repository.commitAll(worktree, 'after a crash');
  expect(fixture.git('show', `${head}:new.txt`)).toBe('new');
  expect(fixture.log.lines.join()).toContain('lock file that a killed git left');
});

test('the person’s checkout, index and configuration stay as they are through all of it', async () => {
  const { target } = await collide();
  const before = fixture.personState();
  await repository.mergeIntoWorktree(worktree, target);
  await repository.snapshotCommit(worktree);
  await repository.diff(target, { worktree });
  await repository.resetWorktree(worktree, laneId(1), target);
  await repository.removeLaneWorktree(
    worktree,
    'gantry/1-work' as Parameters<typeof repository.branchHead>[0],
    laneId(1),
  );
  await repository.sweep(new Set());
  expect(fixture.personState()).toEqual(before);
});

test('a full disk fails by name, loses nothing, and what failed works once there is room', async (context) => {
  const small = join(fixture.root, 'small');
  mkdirSync(small);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', small], { stdio: 'ignore' });
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    context.skip('no small file system can be mounted here');
  }
  try {
    fixture.git('clone', '--quiet', '--no-hardlinks', fixture.path, join(small, 'repository'));
    const onSmall = await fixture.open(join(small, 'repository'));
    const lane = { laneId: laneId(2), number: 2, title: 'Big', from: fixture.head() };
    const { worktree: full, branch } = await onSmall.addLaneWorktree(lane);
    const noise = randomBytes(3 * 1_024 * 1_024);
    fixture.write({ 'big.bin': noise }, full);
    await expect(onSmall.saveWork(full, laneId(2), 'x', null)).rejects.toMatchObject({ code: 'disk-full' });
    await expect(onSmall.commitAll(full, 'x')).rejects.toMatchObject({ code: 'disk-full' });
    await expect(onSmall.removeLaneWorktree(full, branch, laneId(2))).rejects.toMatchObject({ code: 'disk-full' });
    expect(readFileSync(join(full, 'big.bin')).equals(noise)).toBe(true);
    execFileSync('mount', ['-o', 'remount,size=20m', small], { stdio: 'ignore' });
    const { savedRef } = await onSmall.removeLaneWorktree(full, branch, laneId(2));
    expect(fixture.gitIn(join(small, 'repository'), 'cat-file', '-s', `${savedRef}:big.bin`)).toBe(
      String(noise.length),
    );
  } finally {
    execFileSync('umount', ['--lazy', small], { stdio: 'ignore' });
  }
});
