import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommitId } from '#shared/model/ids.ts';
import type { OpenedRepository } from '../ports/git.ts';
import { RepositoryFixture } from './repository.fixture.ts';

let fixture: RepositoryFixture;
let repository: OpenedRepository;
let commit: CommitId;

beforeEach(async () => {
  fixture = RepositoryFixture.withCommit();
  fixture.write({ 'web/Dockerfile': 'FROM scratch\n', 'web/src/index.js': 'ok\n', 'api/main.js': 'api\n' });
  commit = fixture.commit('services');
  repository = await fixture.open();
});

afterEach(() => fixture.dispose());

test('a file is read as the commit has it, whatever lies in the checkout', async () => {
  fixture.write({ 'web/Dockerfile': 'changed\n' });
  expect(await repository.readFile(commit, 'web/Dockerfile')).toBe('FROM scratch\n');
  expect(await repository.readFile(commit, './web/Dockerfile')).toBe('FROM scratch\n');
  expect(await repository.readFile(commit, 'web/missing')).toBeNull();
  expect(await repository.readFile(commit, 'web')).toBeNull();
});

test('a folder becomes an archive of exactly what the commit has in it', async () => {
  const file = join(fixture.root, 'context.tar');
  await repository.archive(commit, 'web', file);
  expect(execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).split('\n').filter(Boolean).toSorted()).toEqual([
    'Dockerfile',
    'src/',
    'src/index.js',
  ]);
  await repository.archive(commit, '.', file);
  expect(execFileSync('tar', ['-tf', file], { encoding: 'utf8' })).toContain('api/main.js');
});

test.each(['../outside', '/etc', 'web/../../outside'])('%s is refused', async (path) => {
  const file = join(fixture.root, 'context.tar');
  await expect(repository.archive(commit, path, file)).rejects.toThrow('leads out of the repository');
  await expect(async () => repository.readFile(commit, path)).rejects.toThrow('leads out of the repository');
  expect(existsSync(file)).toBe(false);
});
