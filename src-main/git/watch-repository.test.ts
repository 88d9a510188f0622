import { afterEach, beforeEach, test } from 'vitest';
import type { RepositoryContext } from './repository-context.ts';
import { GitRunner } from './git-runner.ts';
import { numbered, RepositoryFixture, testHelper } from './repository.fixture.ts';
import { watchRepository } from './watch-repository.ts';

let fixture: RepositoryFixture;

beforeEach(() => {
  fixture = RepositoryFixture.withCommit();
});

afterEach(() => fixture.dispose());

/** Resolves with the next announcement after `act`. */
async function announcementOf(subscribe: (listener: () => void) => void, act: () => void): Promise<void> {
  await new Promise<void>((resolve) => {
    subscribe(resolve);
    act();
  });
}

test('commits, branches and staged files are announced', async () => {
  const repository = await fixture.open();
  let listener = (): void => undefined;
  const watching = repository.watch(() => listener());
  try {
    const subscribe = (next: () => void): void => void (listener = next);
    await announcementOf(subscribe, () => fixture.commit('by the person'));
    await announcementOf(subscribe, () => fixture.git('branch', 'deep/branch'));
    fixture.write({ 'staged.txt': 'x' });
    await announcementOf(subscribe, () => fixture.git('add', 'staged.txt'));
  } finally {
    watching.dispose();
  }
});

test('an edited file, of which .git knows nothing, is found by looking', async () => {
  const repository = await fixture.open();
  const { projectId, path } = repository;
  const helper = testHelper();
  const git = new GitRunner({ helper, lockWaitMs: 100 });
  const folders = { worktrees: '', gates: '', kept: '', trash: '', temporary: '' };
  const context: RepositoryContext = { git, projectId, path, commonFolder: `${path}/.git`, folders, log: fixture.log };
  let announced = (): void => undefined;
  const found = new Promise<void>((resolve) => (announced = resolve));
  const watching = watchRepository(context, () => announced(), 30);
  try {
    let edits = 0;
    // The first look may come after the first edit: edit on and off until one is seen.
    const editing = setInterval(() => {
      edits += 1;
      fixture.write({ 'file.txt': edits % 2 === 0 ? numbered(10) : 'edited\n' });
    }, 300);
    await found.finally(() => clearInterval(editing));
  } finally {
    watching.dispose();
    await helper.close();
  }
});
