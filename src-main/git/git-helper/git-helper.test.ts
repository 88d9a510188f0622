// Real helper processes, really killed. A script stands in for git where its behaviour matters.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { entries } from '../../app/entries.ts';
import { lookUpProcess } from '../../platform/process-identity.ts';
import { GitHelper } from './git-helper.ts';
import type { Command } from './helper-process.ts';

const appProgram = fileURLToPath(new URL('app.fixture.ts', import.meta.url));

/** Says who started it, then does what its last argument names. */
const standIn = `#!/bin/sh
for last; do :; done
echo $PPID > helper.pid
echo $$ > git.pid
case "$last" in
  slow) sleep 1; echo finished > finished; echo done ;;
  hang) exec sleep 60 ;;
  kill-helper) kill -9 $PPID; sleep 0.2; echo finished > finished ;;
  print-much) head -c 50000000 /dev/zero ;;
  *) echo "$last" ;;
esac
`;

let folder: string;
let cwd: string;
let env: Record<string, string>;
let helper: GitHelper;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-helper-'));
  cwd = join(folder, 'work');
  const programs = join(folder, 'programs');
  for (const each of [cwd, programs]) mkdirSync(each);
  writeFileSync(join(programs, 'git'), standIn);
  chmodSync(join(programs, 'git'), 0o755);
  env = { PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}` };
  helper = new GitHelper({ program: entries.gitHelper, nodeProgram: process.execPath, env });
});

afterEach(async () => {
  vi.useRealTimers();
  await helper.close();
  for (const name of ['helper', 'git']) if (existsSync(join(cwd, `${name}.pid`))) await untilGone(pidOf(name));
  rmSync(folder, { recursive: true, force: true });
});

function command(...args: string[]): Command {
  return { cwd, args, input: null, env: {}, timeoutMs: 30_000, outputBytesMax: 100_000_000 };
}

function pidOf(name: string): number {
  return Number(readFileSync(join(cwd, `${name}.pid`), 'utf8'));
}

async function untilThere(path: string): Promise<void> {
  await expect.poll(() => existsSync(path) && readFileSync(path, 'utf8') !== '', { timeout: 10_000 }).toBe(true);
}

async function untilGone(pid: number): Promise<void> {
  await expect.poll(() => lookUpProcess(pid).kind, { timeout: 10_000 }).toBe('gone');
}

test('many commands at once each get their own answer, from one process', async () => {
  const numbers = Array.from({ length: 40 }, (_, index) => String(index));
  const helpers = new Set<number>();
  const answers = await Promise.all(
    numbers.map(async (number) => {
      const { stdout } = await helper.run(command(number));
      helpers.add(pidOf('helper'));
      return stdout.toString().trim();
    }),
  );
  expect(answers).toEqual(numbers);
  expect([...helpers]).toHaveLength(1);
  expect(helpers.has(process.pid)).toBe(false);
});

test('large outputs arrive whole, and are ended at their bound', async () => {
  const whole = await helper.run(command('print-much'));
  expect(whole).toMatchObject({ ending: { kind: 'exited', exitCode: 0 } });
  expect(whole.stdout.length).toBe(50_000_000);
  const cut = await helper.run({ ...command('print-much'), outputBytesMax: 1_000_000 });
  expect(cut.ending.kind).toBe('cut');
  expect(cut.stdout.length).toBe(1_000_000);
});

test('a command that takes too long is ended, and only that one', async () => {
  const slow = helper.run(command('slow'));
  const hanging = await helper.run({ ...command('hang'), timeoutMs: 200 });
  expect(hanging.ending.kind).toBe('timed-out');
  expect((await slow).stdout.toString()).toBe('done\n');
});

test('a helper that is killed fails what runs with a reason, and the next command gets a new one', async () => {
  await helper.run(command('first'));
  const first = pidOf('helper');
  const bystander = helper.run(command('slow')).catch((error: unknown) => error);
  const refusal = await helper.run(command('kill-helper')).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ name: 'GitFailure', exitCode: null });
  expect(String(refusal)).toMatch(/git kill-helper was cut short.* ended \(SIGKILL\).*Try again/);
  expect(String(await bystander)).toContain('git slow was cut short');
  expect((await helper.run(command('next'))).stdout.toString()).toBe('next\n');
  expect(pidOf('helper')).not.toBe(first);
  // The commands themselves went on: nobody may take their failure for "it did not happen".
  await untilThere(join(cwd, 'finished'));
});

test('a helper that does not answer in time is replaced', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const stuck = helper.run({ ...command('hang'), timeoutMs: 60_000 }).catch((error: unknown) => error);
  await vi.waitFor(() => expect(lookUpProcess(pidOf('git')).kind).toBe('running'), { timeout: 10_000 });
  const [stuckHelper, stuckGit] = [pidOf('helper'), pidOf('git')];
  process.kill(stuckHelper, 'SIGSTOP');
  vi.advanceTimersByTime(80_000);
  expect(String(await stuck)).toContain('git hang was cut short');
  process.kill(stuckGit, 'SIGKILL');
  expect((await helper.run(command('next'))).stdout.toString()).toBe('next\n');
});

test('closing lets a command finish, then leaves no process, and refuses what comes after', async () => {
  const running = helper.run(command('slow'));
  await untilThere(join(cwd, 'git.pid'));
  await helper.close();
  expect((await running).stdout.toString()).toBe('done\n');
  expect(lookUpProcess(pidOf('helper')).kind).toBe('gone');
  await expect(helper.run(command('more'))).rejects.toThrow('Gantry is closing');
});

test('a program that cannot be started or that breaks is named with its reason', async () => {
  const missing = new GitHelper({ program: entries.gitHelper, nodeProgram: join(folder, 'no-node'), env });
  await expect(missing.run(command('x'))).rejects.toThrow(/could not be started \(.*ENOENT/);
  const broken = new GitHelper({ program: join(folder, 'no-program.js'), nodeProgram: process.execPath, env });
  await expect(broken.run(command('x'))).rejects.toThrow(/ended \(exit code 1\), saying: .*Cannot find module/s);
  await Promise.all([missing.close(), broken.close()]);
});

test('no git program and no folder are told apart', async () => {
  const bare = new GitHelper({ program: entries.gitHelper, nodeProgram: process.execPath, env: { PATH: cwd } });
  expect((await bare.run(command('x'))).ending.kind).toBe('program-missing');
  const gone = await bare.run({ ...command('x'), cwd: join(folder, 'gone') });
  expect(gone.ending).toEqual({ kind: 'folder-gone' });
  await bare.close();
});

test('a helper with nothing to do keeps nobody running, and ends with its program', async () => {
  const app = spawn(process.execPath, [appProgram, cwd, 'hello'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = (await once(app.stdout, 'data')) as [Buffer];
  const [exitCode] = (await once(app, 'exit')) as [number];
  expect([String(chunk), exitCode]).toEqual(['hello\n', 0]);
  await untilGone(pidOf('helper'));
});

test('when the program is killed, the command that runs finishes and the helper ends', async () => {
  const app = spawn(process.execPath, [appProgram, cwd, 'slow'], { env, stdio: 'ignore' });
  await untilThere(join(cwd, 'git.pid'));
  app.kill('SIGKILL');
  await once(app, 'exit');
  expect(existsSync(join(cwd, 'finished'))).toBe(false);
  await untilGone(pidOf('helper'));
  expect(existsSync(join(cwd, 'finished'))).toBe(true);
});
