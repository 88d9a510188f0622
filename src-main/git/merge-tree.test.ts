import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommitId } from '#shared/model/ids.ts';
import type { OpenedRepository } from '../ports/git.ts';
import { conflictHunksOf, hasConflictMarkers } from './conflict-hunks.ts';
import { parseMergeTree } from './merge-tree.ts';
import { laneId, numbered, RepositoryFixture } from './repository.fixture.ts';

let fixture: RepositoryFixture;
let repository: OpenedRepository;
let base: CommitId;

beforeEach(async () => {
  fixture = RepositoryFixture.withCommit();
  fixture.write({ 'gone.txt': 'gone\n', 'bin.dat': Buffer.from([0, 1]) });
  base = fixture.commit('base');
  repository = await fixture.open();
});

afterEach(() => fixture.dispose());

function branchWith(name: string, change: () => void): CommitId {
  fixture.git('switch', '--quiet', '-c', name, base);
  change();
  const commit = fixture.commit(name);
  fixture.git('switch', '--quiet', 'main');
  return commit;
}

test('commits that do not touch each other give a tree with both, which becomes a commit', async () => {
  const ours = branchWith('ours', () => fixture.write({ 'file.txt': numbered(10).replace('line 1\n', 'first\n') }));
  const theirs = branchWith('theirs', () => fixture.write({ 'file.txt': numbered(10).replace('line 10', 'last') }));
  const before = fixture.personState();
  const merged = await repository.mergeTree(ours, theirs);
  if (merged.kind !== 'clean') throw new Error('expected a clean merge');
  const atMs = Date.UTC(2026, 0, 2);
  const commit = await repository.commitTree(merged.tree, [ours, theirs], 'Merge "theirs"\n\n# not a comment', atMs);
  expect(await repository.treeOf(commit)).toBe(merged.tree);
  expect(fixture.git('show', `${commit}:file.txt`)).toMatch(/^first[^]*last$/);
  expect(fixture.git('log', '-1', '--format=%an <%ae> %ct %P%n%B', commit)).toBe(
    `Gantry <gantry@gantry.invalid> ${atMs / 1_000} ${ours} ${theirs}\nMerge "theirs"\n\n# not a comment\n`.trimEnd(),
  );
  expect(await repository.commitTree(merged.tree, [ours, theirs], 'Merge "theirs"\n\n# not a comment', atMs)).toBe(
    commit,
  );
  const author = { name: 'Codex (lane 3)', email: 'lane-3@gantry.invalid' };
  const byLane = await repository.commitTree(merged.tree, [ours], 'x', atMs, author);
  expect(fixture.git('log', '-1', '--format=%an|%cn', byLane)).toBe('Codex (lane 3)|Gantry');
  expect(fixture.personState()).toEqual(before);
});

test('each conflict comes with its hunk or with what git says of it', async () => {
  const ours = branchWith('ours', () => {
    fixture.write({
      'file.txt': numbered(10).replace('line 5', 'ours'),
      'gone.txt': 'changed\n',
      'a b\nc.txt': 'ours\n',
    });
    fixture.write({ 'bin.dat': Buffer.from([0, 2]) });
  });
  const theirs = branchWith('theirs', () => {
    fixture.write({ 'file.txt': numbered(10).replace('line 5', 'theirs'), 'a b\nc.txt': 'theirs\n' });
    fixture.write({ 'bin.dat': Buffer.from([0, 3]) });
    fixture.git('rm', '--quiet', 'gone.txt');
  });
  const outcome = await repository.mergeTree(ours, theirs);
  if (outcome.kind !== 'conflict') throw new Error('expected conflicts');
  const hunks = Object.fromEntries(outcome.conflicts.map(({ path, hunk }) => [path, hunk]));
  expect(Object.keys(hunks).sort()).toEqual(['a b\nc.txt', 'bin.dat', 'file.txt', 'gone.txt']);
  expect(hunks['file.txt']).toBe(
    '@@ line 5 @@\nline 2\nline 3\nline 4\n<<<<<<< ours\nours\n=======\ntheirs\n>>>>>>> theirs\nline 6\nline 7\nline 8',
  );
  expect(hunks['gone.txt']).toContain('deleted');
  expect(hunks['bin.dat']).toContain('binary');
});

test('work in a worktree can be merged for a forecast without a ref', async () => {
  const { worktree } = await repository.addLaneWorktree({ laneId: laneId(1), number: 1, title: 'x', from: base });
  fixture.write({ 'file.txt': numbered(10).replace('line 5', 'lane') }, worktree);
  const theirs = branchWith('theirs', () => fixture.write({ 'file.txt': numbered(10).replace('line 5', 'theirs') }));
  const snapshot = await repository.snapshotCommit(worktree);
  expect(await repository.snapshotCommit(worktree)).toBe(snapshot);
  const outcome = await repository.mergeTree(theirs, snapshot);
  expect(outcome).toMatchObject({ kind: 'conflict', conflicts: [{ path: 'file.txt' }] });
  expect(fixture.git('for-each-ref', 'refs/gantry')).toBe('');
});

test('the report of git is read to its end', () => {
  expect(parseMergeTree('abc\0')).toEqual({ tree: 'abc', paths: [], messages: [] });
  const report = 'abc\0one\0two\0\x001\0one\0Auto-merging\0Auto-merging one\n\x002\0one\0two\0CONFLICT (x)\0text\n\0';
  expect(parseMergeTree(report)).toEqual({
    tree: 'abc',
    paths: ['one', 'two'],
    messages: [
      { paths: ['one'], kind: 'Auto-merging', text: 'Auto-merging one\n' },
      { paths: ['one', 'two'], kind: 'CONFLICT (x)', text: 'text\n' },
    ],
  });
});

test('hunks are cut, and text without conflicts has none', () => {
  expect(conflictHunksOf(numbered(50))).toBe('');
  expect(hasConflictMarkers('a <<<<<<< b\n>>>>>>>\n')).toBe(false);
  const long = `<<<<<<< a\n${'x\n'.repeat(10_000)}=======\ny\n>>>>>>> b\n`;
  expect(hasConflictMarkers(long)).toBe(true);
  expect(conflictHunksOf(long).length).toBeLessThan(8_100);
  expect(conflictHunksOf(long)).toMatch(/… \(cut\)$/);
});
