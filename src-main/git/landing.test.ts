import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BranchName, CommitId } from '#shared/model/ids.ts';
import type { OpenedRepository } from '../ports/git.ts';
import { numbered, RepositoryFixture } from './repository.fixture.ts';

const main = 'main' as BranchName;
const detour = 'gantry/main' as BranchName;
let fixture: RepositoryFixture;
let repository: OpenedRepository;

beforeEach(async () => {
  fixture = RepositoryFixture.withCommit();
  repository = await fixture.open();
});

afterEach(() => fixture.dispose());

/** A commit on top of `parent` that changes `path`, made without any checkout. */
function commitOn(parent: CommitId, path: string, content: string): CommitId {
  const scratch = join(fixture.root, 'scratch');
  fixture.git('worktree', 'add', '--quiet', '--detach', scratch, parent);
  fixture.write({ [path]: content }, scratch);
  const commit = fixture.commit(`change ${path}`, scratch);
  fixture.git('worktree', 'remove', '--force', scratch);
  return commit;
}

test('a clean checkout of the target is moved by git itself, files and index along', async () => {
  const from = fixture.head();
  const to = commitOn(from, 'new.txt', 'new\n');
  const config = readFileSync(join(fixture.path, '.git', 'config'));
  fixture.write({ 'notes.txt': 'untracked notes of the person' });
  expect(await repository.landingBranch(main)).toEqual({ branch: 'main', head: from, because: null });
  expect(await repository.moveBranch(main, from, to, 'gantry: land T-1')).toEqual({ ok: true, value: null });
  expect(fixture.head()).toBe(to);
  expect(readFileSync(join(fixture.path, 'new.txt'), 'utf8')).toBe('new\n');
  expect(fixture.git('status', '--porcelain')).toBe('?? notes.txt');
  expect(fixture.git('reflog', '-1', '--format=%gs')).toContain('gantry: land T-1');
  expect(readFileSync(join(fixture.path, '.git', 'config'))).toEqual(config);
  // Said again after a crash, it has happened already.
  expect((await repository.moveBranch(main, from, to, 'again')).ok).toBe(true);
});

test('a target that is checked out nowhere is moved by a reference update with the expected old value', async () => {
  fixture.git('switch', '--quiet', '-c', 'feature');
  const before = fixture.personState();
  const from = fixture.head();
  const to = commitOn(from, 'new.txt', 'new\n');
  expect((await repository.targetState(main))?.checkout).toBeNull();
  expect((await repository.moveBranch(main, from, to, 'land')).ok).toBe(true);
  expect(await repository.branchHead(main)).toBe(to);
  fixture.git('update-ref', 'refs/heads/main', from);
  expect(fixture.personState()).toEqual(before);
});

test('a dirty checkout is left alone, byte for byte, while merges land beside it', async () => {
  const from = fixture.head();
  fixture.write({ 'file.txt': 'edited by the person\n', 'new-staged.txt': 'staged\n' });
  fixture.git('add', 'new-staged.txt');
  const before = fixture.personState();
  const to = commitOn(from, 'other.txt', 'other\n');

  expect(await repository.moveBranch(main, from, to, 'land')).toMatchObject({
    ok: false,
    error: { kind: 'checkout-not-clean' },
  });
  const landing = await repository.landingBranch(main);
  expect(landing).toMatchObject({ branch: detour, head: from });
  expect(landing.because).toContain('2 uncommitted changes');
  expect((await repository.moveBranch(landing.branch, landing.head, to, 'land')).ok).toBe(true);
  expect((await repository.targetState(main))?.detour).toEqual({ branch: detour, head: to, aheadBy: 1 });
  expect(await repository.landingBranch(main)).toMatchObject({ branch: detour, head: to });
  const refused = await repository.bringIn(main);
  expect(refused).toMatchObject({ ok: false, error: { code: 'wrong-state', retryable: true } });
  expect(!refused.ok && refused.error.message).toContain('kept on gantry/main');
  expect(fixture.personState()).toEqual(before);

  fixture.git('checkout', '--quiet', '--force', '--', 'file.txt');
  fixture.git('rm', '--quiet', '--force', 'new-staged.txt');
  expect(await repository.bringIn(main)).toEqual({ ok: true, value: to });
  expect(fixture.head()).toBe(to);
  expect(readFileSync(join(fixture.path, 'other.txt'), 'utf8')).toBe('other\n');
  expect(await repository.branchHead(detour)).toBeNull();
  expect(await repository.landingBranch(main)).toEqual({ branch: 'main', head: to, because: null });
});

test('a target that went on meanwhile is merged with what landed beside it', async () => {
  const from = fixture.head();
  fixture.write({ 'file.txt': 'dirty\n' });
  const landed = commitOn(from, 'other.txt', 'other\n');
  await repository.moveBranch(detour, from, landed, 'land');
  const own = fixture.commit('by the person');
  const brought = await repository.bringIn(main);
  expect(brought.ok).toBe(true);
  expect(fixture.git('rev-parse', 'HEAD^1', 'HEAD^2').split('\n')).toEqual([own, landed]);
  expect(fixture.git('status', '--porcelain')).toBe('');
  expect(readFileSync(join(fixture.path, 'file.txt'), 'utf8')).toBe('dirty\n');
});

test('bringing in what collides changes nothing and says where', async () => {
  const from = fixture.head();
  const landed = commitOn(from, 'file.txt', numbered(10).replace('line 5', 'lane'));
  await repository.moveBranch(detour, from, landed, 'land');
  fixture.write({ 'file.txt': numbered(10).replace('line 5', 'person') });
  const own = fixture.commit('by the person');
  const before = fixture.personState();
  const refused = await repository.bringIn(main);
  expect(!refused.ok && refused.error.message).toContain('file.txt');
  expect(fixture.personState()).toEqual(before);
  expect([fixture.head(), await repository.branchHead(detour)]).toEqual([own, landed]);
});

test('a detour that the person merged by hand is over, and the next one starts from the target', async () => {
  const from = fixture.head();
  const landed = commitOn(from, 'other.txt', 'other\n');
  await repository.moveBranch(detour, from, landed, 'land');
  fixture.git('merge', '--quiet', '--no-ff', '-m', 'by hand', detour);
  expect((await repository.targetState(main))?.detour).toBeNull();
  fixture.write({ 'file.txt': 'dirty\n' });
  const landing = await repository.landingBranch(main);
  expect(landing).toMatchObject({ branch: detour, head: fixture.head() });
  const next = commitOn(landing.head, 'more.txt', 'more\n');
  expect((await repository.moveBranch(detour, landing.head, next, 'land')).ok).toBe(true);
});

test('a lost race is told apart from a move that would rewrite history', async () => {
  const from = fixture.head();
  const to = commitOn(from, 'other.txt', 'other\n');
  const own = fixture.commit('the person was faster');
  expect(await repository.moveBranch(main, from, to, 'land')).toMatchObject({ ok: false, error: { kind: 'moved' } });
  expect(await repository.moveBranch(main, own, to, 'land')).toMatchObject({
    ok: false,
    error: { kind: 'not-a-fast-forward' },
  });
  expect(fixture.head()).toBe(own);
  const gone = 'gone' as BranchName;
  expect(await repository.moveBranch(gone, from, to, 'land')).toMatchObject({ ok: false, error: { kind: 'moved' } });
});

test('untracked and ignored files of the person are never overwritten, and the detour is used while they are there', async () => {
  const from = fixture.head();
  for (const name of ['mine.txt', 'keys.secret']) {
    fixture.write({ [name]: 'precious' });
    const scratch = join(fixture.root, 'scratch');
    fixture.git('worktree', 'add', '--quiet', '--detach', scratch, from);
    fixture.write({ [name]: 'by a lane' }, scratch);
    fixture.gitIn(scratch, 'add', '--force', name);
    const to = fixture.commit('lane', scratch);
    fixture.git('worktree', 'remove', '--force', scratch);
    const refused = await repository.moveBranch(main, from, to, 'land');
    expect(refused).toMatchObject({ ok: false, error: { kind: 'checkout-not-clean' } });
    expect(!refused.ok && refused.error.detail).toContain(name);
    expect(readFileSync(join(fixture.path, name), 'utf8')).toBe('precious');
    const landing = await repository.landingBranch(main);
    expect(landing.branch).toBe(detour);
    expect(landing.because).toContain(name);
    rmSync(join(fixture.path, name));
    expect((await repository.landingBranch(main)).branch).toBe('main');
  }
  expect(fixture.head()).toBe(from);
});

test('a checkout in the middle of a merge or rebase is left alone', async () => {
  const from = fixture.head();
  fixture.git('switch', '--quiet', '-c', 'side');
  fixture.write({ 'file.txt': numbered(10).replace('line 5', 'side') });
  fixture.commit('side');
  fixture.git('switch', '--quiet', 'main');
  fixture.write({ 'file.txt': numbered(10).replace('line 5', 'main') });
  const head = fixture.commit('main');
  const to = commitOn(head, 'other.txt', 'other\n');
  for (const [operation, words] of [
    ['merge', 'a merge is under way'],
    ['rebase', 'a rebase is under way'],
  ] as const) {
    expect(fixture.tryGitIn(fixture.path, operation, 'side')).not.toBe(0);
    const target = await repository.targetState(main);
    expect(target?.checkout).toMatchObject({ path: fixture.path, clean: false });
    expect(target?.checkout?.because).toContain(words);
    expect(await repository.moveBranch(main, head, to, 'land')).toMatchObject({
      ok: false,
      error: { kind: 'checkout-not-clean' },
    });
    fixture.git(operation, '--abort');
  }
  expect(fixture.head()).toBe(head);
  expect(from).not.toBe(head);
});

test('a branch that the person switched to in that very moment is put back', async () => {
  const from = fixture.head();
  fixture.git('branch', 'quick');
  // Stands for the person: runs while git checks the new file out.
  fixture.git('config', 'filter.racer.smudge', `sh -c 'cat; git symbolic-ref HEAD refs/heads/quick'`);
  fixture.write({ '.git/info/attributes': 'raced.txt filter=racer\n' });
  const blob = fixture.git('hash-object', '-w', '--no-filters', join(fixture.path, 'file.txt'));
  const tree = fixture.gitIn(fixture.path, 'rev-parse', 'HEAD^{tree}');
  const scratchIndex = join(fixture.root, 'index');
  const to = await (async () => {
    const { execFileSync } = await import('node:child_process');
    const env = {
      ...process.env,
      GIT_INDEX_FILE: scratchIndex,
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@b',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@b',
    };
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: fixture.path, env, encoding: 'utf8' }).trim();
    git('read-tree', tree);
    git('update-index', '--add', '--cacheinfo', `100644,${blob},raced.txt`);
    return git('commit-tree', git('write-tree'), '-p', from, '-m', 'raced') as CommitId;
  })();
  const moved = await repository.moveBranch(main, from, to, 'land');
  expect(moved).toMatchObject({ ok: false, error: { kind: 'checkout-not-clean' } });
  expect(await repository.branchHead('quick' as BranchName)).toBe(from);
  expect(await repository.branchHead(main)).toBe(from);
  expect(fixture.git('status', '--porcelain')).toBe('');
});

test('a lock that a killed git left in the person’s checkout is waited for, named and never removed', async () => {
  const from = fixture.head();
  const to = commitOn(from, 'other.txt', 'other\n');
  const lock = join(fixture.path, '.git', 'index.lock');
  writeFileSync(lock, '');
  const refused = await repository.moveBranch(main, from, to, 'land');
  expect(!refused.ok && refused.error.detail).toContain(lock);
  expect(readFileSync(lock, 'utf8')).toBe('');
  rmSync(lock);
  expect((await repository.moveBranch(main, from, to, 'land')).ok).toBe(true);
});

test('a lock that goes away while it is waited for does no harm', async () => {
  const from = fixture.head();
  const to = commitOn(from, 'other.txt', 'other\n');
  const lock = join(fixture.path, '.git', 'index.lock');
  writeFileSync(lock, '');
  const moving = repository.moveBranch(main, from, to, 'land');
  setTimeout(() => rmSync(lock), 100);
  expect((await moving).ok).toBe(true);
});

test('a target in another worktree of the person is moved there', async () => {
  const elsewhere = join(fixture.root, 'elsewhere');
  fixture.git('switch', '--quiet', '-c', 'feature');
  fixture.git('worktree', 'add', '--quiet', elsewhere, 'main');
  const from = fixture.head(elsewhere);
  const to = commitOn(from, 'other.txt', 'other\n');
  expect((await repository.targetState(main))?.checkout).toEqual({ path: elsewhere, clean: true, because: null });
  expect((await repository.moveBranch(main, from, to, 'land')).ok).toBe(true);
  expect(readFileSync(join(elsewhere, 'other.txt'), 'utf8')).toBe('other\n');
  fixture.write({ 'other.txt': 'dirty\n' }, elsewhere);
  expect((await repository.landingBranch(main)).branch).toBe(detour);
});

test('a file mode that only the person changed counts as a change of theirs', async () => {
  chmodSync(join(fixture.path, 'file.txt'), 0o755);
  expect((await repository.targetState(main))?.checkout?.clean).toBe(false);
});

test('a target that does not exist is named', async () => {
  const nowhere = 'nowhere' as BranchName;
  expect(await repository.targetState(nowhere))?.toBeNull();
  await expect(repository.landingBranch(nowhere)).rejects.toMatchObject({ code: 'unknown-branch' });
  await expect(repository.landingHead(nowhere)).rejects.toMatchObject({ code: 'unknown-branch' });
});

test('commits are kept together or not at all', async () => {
  const head = fixture.head();
  await repository.keep({ 'checkpoints/one/before': head, 'checkpoints/one/after': head });
  const missing = '1'.repeat(40) as CommitId;
  await expect(repository.keep({ 'checkpoints/two/before': head, 'checkpoints/two/after': missing })).rejects.toThrow();
  expect(fixture.git('for-each-ref', '--format=%(refname)', 'refs/gantry/checkpoints').split('\n')).toEqual([
    'refs/gantry/checkpoints/one/after',
    'refs/gantry/checkpoints/one/before',
  ]);
});
