import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readProcessTable } from '../platform/process-table.ts';
import { GitFailure } from '../ports/git.ts';
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

/** Kills the git helper of this process: it leads a session of its own, as nothing else that is started here does. */
async function killHelper(): Promise<void> {
  for (const { pid, parentPid, groupId } of (await readProcessTable()).values()) {
    if (parentPid === process.pid && groupId === pid) process.kill(pid, 'SIGKILL');
  }
}

test('with the git helper killed during each step, the step is repeated and is done once', async () => {
  const repository = await fixture.open();
  const target = repository.currentBranch;
  let moment = 0;
  let failures = 0;
  const settled = <Answer>(step: () => Promise<Answer>): Promise<Answer | GitFailure> =>
    step().catch((error: unknown) => {
      if (error instanceof GitFailure) return error;
      throw error;
    });
  /** Does a step, killing the helper in the middle of it, and does it again until it succeeds. */
  const repeated = async <Answer>(step: () => Promise<Answer>): Promise<Answer> => {
    moment = (moment + 37) % 400;
    const first = settled(step);
    await new Promise((resolve) => setTimeout(resolve, moment));
    await killHelper();
    for (let answer = await first; ; answer = await settled(step)) {
      if (!(answer instanceof GitFailure)) return answer;
      failures += 1;
      expect(failures, answer.message).toBeLessThan(100);
    }
  };
  const lanes = [1, 2, 3, 4, 5];
  for (const number of lanes) {
    const from = await repeated(() => repository.landingHead(target));
    const lane = { laneId: laneId(number), number, title: 'Work', from };
    const { worktree, branch } = await repeated(() => repository.addLaneWorktree(lane));
    writeFileSync(join(worktree, `work-${number}.txt`), `work ${number}`);
    const head = await repeated(() => repository.commitAll(worktree, `work ${number}`));
    const merged = await repeated(() => repository.mergeTree(from, head));
    if (merged.kind !== 'clean') throw new Error('nobody else works here');
    const commit = await repeated(() => repository.commitTree(merged.tree, [from, head], `merge ${number}`, 0));
    const move = (): ReturnType<typeof repository.moveBranch> => repository.moveBranch(target, from, commit, 'land');
    // A merge that goes on without its helper holds the index for a moment more.
    if (!(await repeated(move)).ok) await expect.poll(move, { timeout: 10_000 }).toMatchObject({ ok: true });
    await repeated(() => repository.removeLaneWorktree(worktree, branch, lane.laneId));
  }
  expect(failures).toBeGreaterThan(0);
  const landed = fixture.git('log', '--first-parent', '--reverse', '--format=%s', target).split('\n');
  expect(landed).toEqual(['first', ...lanes.map((number) => `merge ${number}`)]);
  expect(lanes.map((number) => readFileSync(join(fixture.path, `work-${number}.txt`), 'utf8'))).toEqual(
    lanes.map((number) => `work ${number}`),
  );
  expect(fixture.git('status', '--porcelain')).toBe('');
  expect(fixture.tryGitIn(fixture.path, 'fsck', '--connectivity-only')).toBe(0);
}, 120_000);
