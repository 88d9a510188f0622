import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OpenedRepository } from '../ports/git.ts';
import { RepositoryFixture } from './repository.fixture.ts';

let fixture: RepositoryFixture;
let repository: OpenedRepository;

beforeEach(async () => {
  fixture = RepositoryFixture.withCommit();
  repository = await fixture.open();
});

afterEach(() => fixture.dispose());

test('a gate gets exactly the files of the commit, and the next one the same folder without leftovers', async () => {
  const first = fixture.head();
  fixture.write({ 'file.txt': 'second\n' });
  const second = fixture.commit('second');
  const before = fixture.personState();
  let path = '';
  {
    await using checkout = await repository.checkoutForGates(first);
    path = checkout.path;
    expect(readFileSync(join(path, 'file.txt'), 'utf8')).toContain('line 1');
    fixture.write({ 'file.txt': 'broken', 'built.txt': 'x', 'ignored/cache': 'x' }, path);
    fixture.gitIn(path, 'init', '--quiet', 'nested');
  }
  {
    await using checkout = await repository.checkoutForGates(second);
    expect(checkout.path).toBe(path);
    expect(readFileSync(join(path, 'file.txt'), 'utf8')).toBe('second\n');
    expect(['built.txt', 'ignored', 'nested'].filter((name) => existsSync(join(path, name)))).toEqual([]);
    expect(fixture.gitIn(path, 'status', '--porcelain', '--ignored')).toBe('');
    await using other = await repository.checkoutForGates(first);
    expect(other.path).not.toBe(path);
  }
  expect(fixture.personState()).toEqual(before);
});

test('what a killed app left of a checkout is used again or replaced', async () => {
  const path = await (async () => {
    await using checkout = await repository.checkoutForGates(fixture.head());
    return checkout.path;
  })();
  const gitFolder = fixture.gitIn(path, 'rev-parse', '--absolute-git-dir');
  writeFileSync(join(gitFolder, 'index.lock'), '');
  const reopened = await fixture.open();
  {
    await using checkout = await reopened.checkoutForGates(fixture.head());
    expect(checkout.path).toBe(path);
  }
  rmSync(join(path, '.git'));
  {
    await using checkout = await reopened.checkoutForGates(fixture.head());
    expect(fixture.gitIn(checkout.path, 'status', '--porcelain')).toBe('');
  }
  rmSync(path, { recursive: true });
  await using checkout = await reopened.checkoutForGates(fixture.head());
  expect(existsSync(join(checkout.path, 'file.txt'))).toBe(true);
});
