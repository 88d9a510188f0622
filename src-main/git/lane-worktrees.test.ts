import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LaneId } from '#shared/model/ids.ts';
import type { OpenedRepository } from '../ports/git.ts';
import { laneId, numbered, RepositoryFixture } from './repository.fixture.ts';

let fixture: RepositoryFixture;
let repository: OpenedRepository;

beforeEach(async () => {
  fixture = RepositoryFixture.withCommit();
  repository = await fixture.open();
});

afterEach(() => fixture.dispose());

function addLane(number: number, title = 'Add login') {
  return repository.addLaneWorktree({ laneId: laneId(number), number, title, from: fixture.head() });
}

function gitIn(worktree: string, ...args: string[]): string {
  return fixture.gitIn(worktree, ...args);
}

test('a lane gets a worktree on a branch of its own, and the person sees nothing of it', async () => {
  const before = fixture.personState();
  const { worktree, branch } = await addLane(12, 'Add login: ünïcode & "quotes"');
  expect(branch).toBe('gantry/12-add-login-unicode-quotes');
  expect(worktree).toBe(
    join(fixture.dataFolder, 'worktrees', repository.projectId, 'lane-12-add-login-unicode-quotes'),
  );
  expect(readFileSync(join(worktree, 'file.txt'), 'utf8')).toBe(numbered(10));
  expect(await repository.hasWorktree(worktree)).toBe(true);
  expect(await repository.worktreeHead(worktree)).toBe(fixture.head());
  expect(fixture.personState()).toEqual(before);
});

test('ten worktrees at once all come to be', async () => {
  const before = fixture.personState();
  const lanes = await Promise.all(Array.from({ length: 10 }, (_, index) => addLane(index + 1, `Task ${index + 1}`)));
  expect(new Set(lanes.map((lane) => lane.worktree)).size).toBe(10);
  for (const { worktree, branch } of lanes) {
    expect(gitIn(worktree, 'symbolic-ref', '--short', 'HEAD')).toBe(branch);
    expect(gitIn(worktree, 'status', '--porcelain')).toBe('');
  }
  expect(fixture.personState()).toEqual(before);
});

test('asking again for the same lane answers the same worktree, with its work', async () => {
  const first = await addLane(1);
  fixture.write({ 'new.txt': 'work' }, first.worktree);
  expect(await addLane(1)).toEqual(first);
  expect(readFileSync(join(first.worktree, 'new.txt'), 'utf8')).toBe('work');
});

test('another lane that would have the same name gets the next one', async () => {
  const first = await addLane(1);
  const second = await repository.addLaneWorktree({
    laneId: laneId(99),
    number: 1,
    title: 'Add login',
    from: fixture.head(),
  });
  expect([first.branch, second.branch]).toEqual(['gantry/1-add-login', 'gantry/1-add-login-2']);
  expect(await repository.hasWorktree(second.worktree)).toBe(true);
});

test('a worktree whose making was cut short is made again', async () => {
  const { worktree } = await addLane(1);
  const [entry] = readdirSync(join(fixture.path, '.git', 'worktrees'));
  rmSync(join(fixture.path, '.git', 'worktrees', String(entry), 'gantry-ready'));
  rmSync(join(worktree, 'file.txt'));
  const again = await addLane(1);
  expect(again.worktree).toBe(worktree);
  expect(existsSync(join(worktree, 'file.txt'))).toBe(true);
});

test('work of every kind is saved as one commit and the worktree is left as it is', async () => {
  const { worktree } = await addLane(1);
  fixture.write({ 'staged.txt': 'staged\n', 'both.txt': 'staged version\n' }, worktree);
  gitIn(worktree, 'add', 'staged.txt', 'both.txt');
  fixture.write(
    {
      'both.txt': 'later version\n',
      'file.txt': 'changed\n',
      'sub dir/ünïcode\nname.txt': 'odd\n',
      '-dash.txt': 'dash\n',
      'ignored/cache.bin': 'x',
    },
    worktree,
  );
  rmSync(join(worktree, '.gitignore'));
  fixture.write({ '.gitignore': 'ignored/\n' }, worktree);
  const statusBefore = gitIn(worktree, 'status', '--porcelain', '-z');
  const saved = await repository.saveWork(worktree, laneId(1), 'test', fixture.head());
  expect(saved?.ref).toBe(`refs/gantry/saved/${laneId(1)}/1`);
  const show = (path: string): string => fixture.git('show', `${saved?.commit}:${path}`);
  expect(show('both.txt')).toBe('later version');
  expect(show('staged.txt')).toBe('staged');
  expect(show('file.txt')).toBe('changed');
  expect(show('-dash.txt')).toBe('dash');
  expect(show('sub dir/ünïcode\nname.txt')).toBe('odd');
  expect(fixture.git('ls-tree', '-r', '--name-only', String(saved?.commit))).not.toContain('ignored/');
  // What was staged and then changed again is the second parent.
  expect(fixture.git('show', `${saved?.commit}^2:both.txt`)).toBe('staged version');
  expect(gitIn(worktree, 'status', '--porcelain', '-z')).toBe(statusBefore);
});

test('deleted files are deleted in what is saved; saving the same again makes no second ref', async () => {
  const { worktree } = await addLane(1);
  rmSync(join(worktree, 'file.txt'));
  const first = await repository.saveWork(worktree, laneId(1), 'test', null);
  const second = await repository.saveWork(worktree, laneId(1), 'test', null);
  expect(second).toEqual(first);
  expect(fixture.git('ls-tree', '-r', '--name-only', String(first?.commit))).toBe('.gitignore');
  fixture.write({ 'more.txt': 'more' }, worktree);
  expect((await repository.saveWork(worktree, laneId(1), 'test', null))?.ref).toMatch(/\/2$/);
});

test('the newest saved work of a lane is found, also when its worktree is gone', async () => {
  const { worktree, branch } = await addLane(1);
  expect(await repository.savedWork(laneId(1))).toBeNull();
  expect((await repository.allSavedWork()).size).toBe(0);
  for (let count = 1; count <= 10; count += 1) {
    fixture.write({ 'count.txt': String(count) }, worktree);
    await repository.saveWork(worktree, laneId(1), 'test', null);
  }
  const other = await addLane(2);
  fixture.write({ 'other.txt': 'other' }, other.worktree);
  const { savedRef } = await repository.removeLaneWorktree(other.worktree, other.branch, laneId(2));
  await repository.removeLaneWorktree(worktree, branch, laneId(1));
  const saved = await repository.savedWork(laneId(1));
  expect(saved?.ref).toBe(`refs/gantry/saved/${laneId(1)}/10`);
  expect(fixture.git('show', `${saved?.commit}:count.txt`)).toBe('10');
  const all = await repository.allSavedWork();
  expect([...all].map(([id, { ref }]) => [id, ref])).toEqual([
    [laneId(1), saved?.ref],
    [laneId(2), savedRef],
  ]);
});

test('nothing is saved when all of it is there already', async () => {
  const { worktree } = await addLane(1);
  expect(await repository.saveWork(worktree, laneId(1), 'test', fixture.head())).toBeNull();
  const committed = fixture.commit('empty', worktree);
  expect(await repository.saveWork(worktree, laneId(1), 'test', fixture.head())).toMatchObject({ commit: committed });
});

test('a change within the same moment and of the same size as a commit is not overlooked', async () => {
  const { worktree } = await addLane(1);
  for (let round = 0; round < 20; round += 1) {
    fixture.write({ 'racy.txt': `a${round % 10}` }, worktree);
    gitIn(worktree, 'add', 'racy.txt');
    fixture.write({ 'racy.txt': `b${round % 10}` }, worktree);
    const commit = await repository.snapshotCommit(worktree);
    expect(fixture.git('show', `${commit}:racy.txt`)).toBe(`b${round % 10}`);
  }
});

test('a worktree in the middle of a merge is saved with both sides and its markers', async () => {
  const { worktree } = await addLane(1);
  fixture.write({ 'file.txt': numbered(10).replace('line 5', 'line five') }, worktree);
  fixture.commit('lane', worktree);
  fixture.write({ 'file.txt': numbered(10).replace('line 5', 'LINE 5') });
  const target = fixture.commit('target');
  const { conflicts } = await repository.mergeIntoWorktree(worktree, target);
  expect(conflicts).toHaveLength(1);
  const saved = await repository.saveWork(worktree, laneId(1), 'test', null);
  expect(fixture.git('show', `${saved?.commit}:file.txt`)).toContain('<<<<<<< ');
  expect(fixture.git('rev-parse', `${saved?.commit}^2`)).toBe(target);
  expect(await repository.unmergedPaths(worktree)).toEqual(['file.txt']);
});

test('removing a worktree saves its work first; removing it again is harmless', async () => {
  const { worktree, branch } = await addLane(1);
  fixture.commit('committed', worktree);
  fixture.write({ 'untracked.txt': 'precious', 'ignored/cache': 'x' }, worktree);
  const { savedRef } = await repository.removeLaneWorktree(worktree, branch, laneId(1));
  expect(fixture.git('show', `${savedRef}:untracked.txt`)).toBe('precious');
  expect(fixture.git('log', '-1', '--format=%s', `${savedRef}^`)).toBe('committed');
  expect(existsSync(worktree)).toBe(false);
  expect(await repository.branchHead(branch)).toBeNull();
  expect(fixture.git('worktree', 'list', '--porcelain')).not.toContain('lane-1');
  expect(await repository.removeLaneWorktree(worktree, branch, laneId(1))).toEqual({ savedRef: null });
});

test('merged work needs no ref', async () => {
  const { worktree, branch } = await addLane(1);
  const head = fixture.commit('work', worktree);
  fixture.git('merge', '--quiet', '--ff-only', head);
  expect(await repository.removeLaneWorktree(worktree, branch, laneId(1))).toEqual({ savedRef: null });
});

test.each<[what: string, spoil: (worktree: string) => void]>([
  ['a file became a program', (worktree) => chmodSync(join(worktree, 'file.txt'), 0o755)],
  [
    'what was staged was undone in the files',
    (worktree) => {
      fixture.write({ 'file.txt': 'staged\n' }, worktree);
      gitIn(worktree, 'add', 'file.txt');
      fixture.write({ 'file.txt': numbered(10) }, worktree);
    },
  ],
  [
    'a merge is under way that changes nothing',
    (worktree) => {
      const side = fixture.git('commit-tree', 'HEAD^{tree}', '-p', 'HEAD^', '-m', 'side');
      gitIn(worktree, 'merge', '--quiet', '--no-ff', '--no-commit', side);
    },
  ],
  [
    'the person’s git shows no untracked files',
    (worktree) => {
      fixture.git('config', 'status.showUntrackedFiles', 'no');
      fixture.write({ 'new.txt': 'new\n' }, worktree);
    },
  ],
])('nothing but a merged commit seems to be there, but %s: it is saved', async (_what, spoil) => {
  const { worktree, branch } = await addLane(1);
  const head = fixture.commit('work', worktree);
  fixture.git('merge', '--quiet', '--ff-only', head);
  spoil(worktree);
  const { savedRef } = await repository.removeLaneWorktree(worktree, branch, laneId(1));
  expect(savedRef).toBe(`refs/gantry/saved/${laneId(1)}/1`);
});

test('commits that an agent made on another branch or on none are saved too', async () => {
  const { worktree, branch } = await addLane(1);
  const onBranch = fixture.commit('on the branch', worktree);
  gitIn(worktree, 'checkout', '--quiet', '--detach', fixture.head());
  const detached = fixture.commit('detached', worktree);
  expect(await repository.hasWorktree(worktree)).toBe(false);
  await repository.removeLaneWorktree(worktree, branch, laneId(1));
  const saved = fixture.git('for-each-ref', '--format=%(objectname)', `refs/gantry/saved/${laneId(1)}`).split('\n');
  expect(new Set(saved)).toEqual(new Set([onBranch, detached]));
});

test('a repository within the worktree cannot become a ref, so the folder is kept', async () => {
  const { worktree, branch } = await addLane(1);
  for (const [folder, hasCommit] of [
    ['with-commit', true],
    ['without', false],
  ] as const) {
    mkdirSync(join(worktree, folder));
    gitIn(join(worktree, folder), 'init', '--quiet');
    fixture.write({ 'inner.txt': 'inner' }, join(worktree, folder));
    if (hasCommit) fixture.commit('inner', join(worktree, folder));
  }
  await repository.removeLaneWorktree(worktree, branch, laneId(1));
  const kept = join(fixture.dataFolder, 'kept', repository.projectId);
  const [folder] = readdirSync(kept);
  expect(readFileSync(join(kept, String(folder), 'without', 'inner.txt'), 'utf8')).toBe('inner');
  expect(readFileSync(join(kept, String(folder), 'with-commit', 'inner.txt'), 'utf8')).toBe('inner');
  expect(existsSync(worktree)).toBe(false);
});

test('a folder whose .git file is gone or replaced is kept, and no other repository is touched', async () => {
  // Were git let loose without it, it would find the repository around the data folder.
  gitIn(fixture.root, 'init', '--quiet');
  const { worktree, branch } = await addLane(1);
  const head = fixture.commit('work', worktree);
  rmSync(join(worktree, '.git'));
  expect(await repository.hasWorktree(worktree)).toBe(false);
  await expect(repository.commitAll(worktree, 'x')).rejects.toThrow('not a worktree of Gantry');
  await expect(repository.saveWork(worktree, laneId(1), 'x', null)).rejects.toThrow('not a worktree of Gantry');
  const { savedRef } = await repository.removeLaneWorktree(worktree, branch, laneId(1));
  expect(fixture.git('rev-parse', String(savedRef))).toBe(head);
  expect(readdirSync(join(fixture.dataFolder, 'kept', repository.projectId))).toHaveLength(1);
  expect(gitIn(fixture.root, 'for-each-ref')).toBe('');
});

test('a worktree whose folder was deleted by hand leaves its commits behind', async () => {
  const { worktree, branch } = await addLane(1);
  const head = fixture.commit('work', worktree);
  rmSync(worktree, { recursive: true });
  const { savedRef } = await repository.removeLaneWorktree(worktree, branch, laneId(1));
  expect(fixture.git('rev-parse', String(savedRef))).toBe(head);
  expect(fixture.git('worktree', 'list', '--porcelain')).not.toContain('lane-1');
});

test('only worktrees of lanes can be written or removed, never the person’s checkout', async () => {
  const before = fixture.personState();
  await expect(repository.commitAll(fixture.path, 'x')).rejects.toThrow('not a worktree of Gantry');
  await expect(repository.resetWorktree(fixture.path, laneId(1), fixture.head())).rejects.toThrow('not a worktree');
  const branch = 'main' as Parameters<typeof repository.removeLaneWorktree>[1];
  await expect(repository.removeLaneWorktree(fixture.path, branch, laneId(1))).rejects.toThrow(
    'only worktrees of lanes',
  );
  expect(fixture.personState()).toEqual(before);
});

test('sweeping removes what lanes that ended left, keeps live ones, and moves unknown folders aside', async () => {
  const live = await addLane(1, 'live');
  const dead = await addLane(2, 'dead');
  const halfGone = await addLane(3, 'half gone');
  fixture.write({ 'work.txt': 'unsaved' }, dead.worktree);
  rmSync(halfGone.worktree, { recursive: true });
  const stray = join(fixture.dataFolder, 'worktrees', repository.projectId, 'lane-7-stray');
  mkdirSync(stray);
  writeFileSync(join(stray, 'note.txt'), 'mine');
  const elsewhere = join(fixture.root, 'their-worktree');
  fixture.git('worktree', 'add', '--quiet', '-b', 'theirs', elsewhere);

  const { removed } = await repository.sweep(new Set<LaneId>([laneId(1)]));
  expect(removed.sort()).toEqual([dead.worktree, halfGone.worktree, stray].sort());
  expect(await repository.hasWorktree(live.worktree)).toBe(true);
  expect(fixture.git('show', `refs/gantry/saved/${laneId(2)}/1:work.txt`)).toBe('unsaved');
  expect(existsSync(elsewhere)).toBe(true);
  const kept = join(fixture.dataFolder, 'kept', repository.projectId);
  expect(readFileSync(join(kept, String(readdirSync(kept)[0]), 'note.txt'), 'utf8')).toBe('mine');
  expect(await repository.sweep(new Set([laneId(1)]))).toEqual({ removed: [] });
});

test('a branch that a killed git left without a worktree goes, unless it holds something', async () => {
  const { branch } = await addLane(1);
  fixture.git('branch', 'gantry/5-empty');
  fixture.git('branch', 'gantry/main');
  fixture.git('switch', '--quiet', '-c', 'gantry/6-full');
  fixture.commit('something');
  fixture.git('switch', '--quiet', 'main');
  await repository.sweep(new Set([laneId(1)]));
  const left = fixture.git('for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads/gantry').split('\n');
  expect(left).toEqual([branch, 'gantry/6-full', 'gantry/main']);
});

test('the person’s hooks, signing and templates do not reach Gantry’s commands', async () => {
  const hook = '#!/bin/sh\ntouch "$(git rev-parse --git-common-dir)/hook-ran"\nexit 1\n';
  for (const name of [
    'pre-commit',
    'commit-msg',
    'post-checkout',
    'post-commit',
    'pre-merge-commit',
    'reference-transaction',
  ]) {
    writeFileSync(join(fixture.path, '.git', 'hooks', name), hook, { mode: 0o755 });
  }
  fixture.git('config', 'commit.gpgSign', 'true');
  fixture.git('config', 'gpg.program', '/bin/false');
  fixture.git('config', 'status.showUntrackedFiles', 'no');
  const { worktree } = await addLane(1);
  fixture.write({ 'new.txt': 'new' }, worktree);
  const head = await repository.commitAll(worktree, '# Add a thing\n\nbody');
  expect(fixture.git('log', '-1', '--format=%B|%an|%ae|%cn', head)).toBe(
    '# Add a thing\n\nbody\n|Gantry lane 1|lane-1@gantry.invalid|Gantry lane 1',
  );
  expect(fixture.git('show', `${head}:new.txt`)).toBe('new');
  expect(existsSync(join(fixture.path, '.git', 'hook-ran'))).toBe(false);
});
