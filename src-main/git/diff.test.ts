import { chmodSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OpenedRepository } from '../ports/git.ts';
import { patchCharsMax } from './diff.ts';
import { parseChangedFiles, parseShortStat, splitPatches } from './parse-diff.ts';
import { laneId, numbered, RepositoryFixture } from './repository.fixture.ts';

let fixture: RepositoryFixture;
let repository: OpenedRepository;

beforeEach(async () => {
  fixture = RepositoryFixture.withCommit();
  repository = await fixture.open();
});

afterEach(() => fixture.dispose());

test('added, changed, deleted, renamed and binary files are told apart, whatever their names', async () => {
  fixture.write({
    'old name.txt': numbered(30),
    'removed.txt': 'removed\n',
    'mode.sh': 'echo\n',
    'link.txt': 'a file\n',
    'tab\tname\n.txt': 'one\n',
  });
  const base = fixture.commit('base');
  fixture.git('mv', 'old name.txt', 'new näme.txt');
  chmodSync(join(fixture.path, 'mode.sh'), 0o755);
  rmSync(join(fixture.path, 'removed.txt'));
  rmSync(join(fixture.path, 'link.txt'));
  symlinkSync('file.txt', join(fixture.path, 'link.txt'));
  fixture.write({
    'new näme.txt': numbered(30).replace('line 3\n', 'line three\n'),
    '-added': 'diff --git a/x b/x\n@@ not a hunk\n',
    'picture.bin': Buffer.from([0, 1, 2]),
    'tab\tname\n.txt': 'one\ntwo\n',
    'no-end.txt': 'no end of line',
  });
  const to = fixture.commit('changes');
  const { files, cut } = await repository.diff(base, to);
  const byPath = Object.fromEntries(files.map((file) => [file.path, file]));
  expect(cut).toBe(false);
  expect(byPath['new näme.txt']).toMatchObject({ kind: 'rename', oldPath: 'old name.txt', added: 1, removed: 1 });
  expect(byPath['new näme.txt']?.patch).toMatch(/^@@ -1,6 \+1,6 @@[^]*-line 3\n\+line three/);
  expect(byPath['removed.txt']).toMatchObject({ kind: 'delete', removed: 1, patch: '@@ -1 +0,0 @@\n-removed\n' });
  expect(byPath['-added']?.patch).toBe('@@ -0,0 +1,2 @@\n+diff --git a/x b/x\n+@@ not a hunk\n');
  expect(byPath['picture.bin']).toMatchObject({ kind: 'add', binary: true, patch: '', cut: false });
  expect(byPath['tab\tname\n.txt']).toMatchObject({ kind: 'update', added: 1, removed: 0 });
  expect(byPath['no-end.txt']?.patch).toContain('\\ No newline at end of file');
  expect(byPath['mode.sh']).toMatchObject({ kind: 'update', added: 0, patch: '' });
  expect(byPath['link.txt']?.kind).toBe('update');
  expect(byPath['link.txt']?.patch).toMatch(/-a file[^]*\+file\.txt/);
  expect(await repository.countChanges(base, to)).toEqual({
    files: files.length,
    added: files.reduce((sum, file) => sum + file.added, 0),
    removed: files.reduce((sum, file) => sum + file.removed, 0),
  });
});

test('the diff of a worktree has untracked and uncommitted work and leaves its index alone', async () => {
  const base = fixture.head();
  const { worktree } = await repository.addLaneWorktree({ laneId: laneId(1), number: 1, title: 'x', from: base });
  fixture.write({ 'file.txt': numbered(9), 'new/deep.txt': 'deep\n', 'ignored/x': 'x' }, worktree);
  const status = fixture.gitIn(worktree, 'status', '--porcelain');
  const { files } = await repository.diff(base, { worktree });
  expect(files.map(({ path, kind, added, removed }) => ({ path, kind, added, removed }))).toEqual([
    { path: 'file.txt', kind: 'update', added: 0, removed: 1 },
    { path: 'new/deep.txt', kind: 'add', added: 1, removed: 0 },
  ]);
  expect(await repository.countChanges(base, { worktree })).toEqual({ files: 2, added: 1, removed: 1 });
  expect(fixture.gitIn(worktree, 'status', '--porcelain')).toBe(status);
});

test('a huge diff is cut at whole lines and says so', async () => {
  const base = fixture.head();
  fixture.write({ 'big.txt': 'a line of some length\n'.repeat(20_000), 'small.txt': 'small\n' });
  fixture.write(
    Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`many/${n}.txt`, `${n} ${'word '.repeat(20)}\n`.repeat(1_000)]),
    ),
  );
  const to = fixture.commit('huge');
  const { files, cut } = await repository.diff(base, to);
  expect(cut).toBe(true);
  const big = files.find((file) => file.path === 'big.txt');
  expect(big).toMatchObject({ cut: true, added: 20_000 });
  expect(big?.patch.length).toBeLessThanOrEqual(patchCharsMax);
  expect(big?.patch.endsWith('\n')).toBe(true);
  expect(files).toHaveLength(62);
  expect(files.reduce((sum, file) => sum + file.patch.length, 0)).toBeLessThanOrEqual(4 * 1_024 * 1_024);
});

test('the person’s settings for diffs make no difference', async () => {
  const base = fixture.head();
  fixture.write({ 'file.txt': numbered(9) });
  const to = fixture.commit('less');
  const plain = await repository.diff(base, to);
  for (const [name, value] of [
    ['diff.external', '/bin/false'],
    ['diff.noprefix', 'true'],
    ['color.ui', 'always'],
    ['diff.orderFile', '/nonexistent'],
    ['diff.context', '0'],
    ['log.showSignature', 'true'],
  ] as const) {
    if (name !== 'diff.orderFile') fixture.git('config', name, value);
  }
  expect(await repository.diff(base, to)).toEqual(plain);
  expect(await repository.history(base, to)).toEqual([{ commit: to, subject: 'less', parents: [base], files: 1 }]);
});

test('the history of a branch follows first parents, newest first, with what each merge brought', async () => {
  const base = fixture.head();
  fixture.git('switch', '--quiet', '-c', 'side');
  fixture.write({ 'a.txt': 'a', 'b.txt': 'b' });
  const first = fixture.commit('side one');
  fixture.write({ 'c.txt': 'c' });
  const side = fixture.commit('side two');
  fixture.git('switch', '--quiet', 'main');
  fixture.git('merge', '--quiet', '--no-ff', '-m', 'merge: the "side"', 'side');
  const merge = fixture.head();
  const empty = fixture.commit('empty');
  expect(await repository.history(base, empty)).toEqual([
    { commit: empty, subject: 'empty', parents: [merge], files: 0 },
    { commit: merge, subject: 'merge: the "side"', parents: [base, side], files: 3 },
  ]);
  expect(await repository.history(empty, base)).toEqual([]);
  expect((await repository.changedPaths(base, first)).sort()).toEqual(['a.txt', 'b.txt']);
});

test('empty outputs are no changes', () => {
  expect(parseChangedFiles('')).toEqual([]);
  expect(splitPatches('')).toEqual([]);
  expect(parseShortStat('')).toEqual({ files: 0, added: 0, removed: 0 });
});
