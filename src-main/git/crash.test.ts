import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { laneId, RepositoryFixture } from './repository.fixture.ts';

const crasher = fileURLToPath(new URL('crash.fixture.ts', import.meta.url));
let fixture: RepositoryFixture;

beforeEach(() => {
  fixture = RepositoryFixture.withCommit();
});

afterEach(() => fixture.dispose());

/** Runs the crasher until it has announced `count` pieces of work and a little longer; answers them by lane. */
async function runAndKill(firstNumber: number, count: number, moreMs: number): Promise<Map<number, string[]>> {
  const child = spawn(process.execPath, [crasher, fixture.dataFolder, fixture.path, String(firstNumber)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  let output = '';
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      output += String(chunk);
      if (output.split('\n').length > count) resolve();
    });
    child.once('close', () => resolve());
  });
  await new Promise((resolve) => setTimeout(resolve, moreMs));
  child.kill('SIGKILL');
  await closed;
  const work = new Map<number, string[]>();
  for (const line of output.split('\n').slice(0, -1)) {
    const number = Number(line.slice(0, line.indexOf(' ')));
    work.set(number, [...(work.get(number) ?? []), line.slice(line.indexOf(' ') + 1)]);
  }
  return work;
}

/** Whether a piece of work is in a worktree or in a ref of its lane. */
function isThere(number: number, content: string): boolean {
  const [file] = content.split(' ');
  const worktrees = fixture.git('worktree', 'list', '--porcelain').split('\n');
  const worktree = worktrees.find((line) => line.includes(`/lane-${number}-work`))?.slice('worktree '.length);
  if (worktree && existsSync(join(worktree, `${file}.txt`))) {
    return readFileSync(join(worktree, `${file}.txt`), 'utf8') === content;
  }
  const refs = fixture.git('for-each-ref', '--format=%(refname)', `refs/gantry/saved/${laneId(number)}`).split('\n');
  return refs.some((ref) => ref !== '' && fixture.tryGitIn(fixture.path, 'cat-file', '-e', `${ref}:${file}.txt`) === 0);
}

test('killed at any moment, nothing that lay in a worktree is lost, and the next start puts things in order', async () => {
  const before = fixture.personState();
  const moments = [0, 7, 19, 31, 48, 64, 83, 101];
  for (const [round, moreMs] of moments.entries()) {
    const work = await runAndKill(round * 100 + 1, 2 + (round % 3), moreMs);
    const lost = (): string[] =>
      [...work].flatMap(([number, contents]) => contents.filter((content) => !isThere(number, content)));
    // A git that the killed program had started may go on a little: one that is just making a
    // worktree keeps the worktrees from being listed in that moment, and what it leaves is found by a later sweep.
    await expect.poll(lost, { timeout: 10_000 }).toEqual([]);
    const repository = await fixture.open();
    await expect
      .poll(
        async () => {
          await repository.sweep(new Set());
          const worktrees = fixture.git('worktree', 'list', '--porcelain').split('\n');
          return [fixture.git('for-each-ref', 'refs/heads/gantry'), worktrees.filter((line) => line.includes('lane-'))];
        },
        { timeout: 10_000 },
      )
      .toEqual(['', []]);
    expect(lost()).toEqual([]);
  }
  expect(fixture.tryGitIn(fixture.path, 'fsck', '--connectivity-only')).toBe(0);
  expect(fixture.personState()).toEqual(before);
}, 120_000);
