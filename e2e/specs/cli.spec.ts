/** The command line as a script uses it: what it prints, what it answers, what it leaves behind. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectMergedOnce, workCommand } from '../fixtures/fleet.ts';
import { runGantry } from '../fixtures/gantry.ts';
import { Host } from '../fixtures/host.ts';
import { processesOf } from '../fixtures/processes.ts';
import { expect, test as base } from '../fixtures/test.ts';

/** A data folder and files of its own, with no host on it unless the test starts one. */
class Desk {
  readonly home = mkdtempSync(join(tmpdir(), 'gantry-desk-'));

  file(name: string, text: string): string {
    const path = join(this.home, name);
    writeFileSync(path, text);
    return path;
  }

  /** A plan of tasks with these keys, each of which writes a file of its own. */
  plan(keys: readonly string[], more: Readonly<Record<string, string>> = {}): string {
    const tasks = keys.map((key) => `  - id: ${key}\n    title: Task ${key}\n    prompt: Work.\n${more[key] ?? ''}`);
    return this.file('plan.yaml', `tasks:\n${tasks.join('')}`);
  }

  gantry(args: readonly string[], options: Parameters<typeof runGantry>[1] = {}) {
    return runGantry([...args, '--home', this.home], options);
  }

  async dispose(): Promise<void> {
    const ended = await this.gantry(['shutdown']);
    expect(processesOf(this.home), `left behind, although: ${ended.stdout}${ended.stderr}`).toEqual([]);
    rmSync(this.home, { recursive: true, force: true });
  }
}

const test = base.extend<{ desk: Desk }>({
  desk: async ({}, use) => {
    const desk = new Desk();
    await use(desk);
    await desk.dispose();
  },
});

test.use({ webOnly: 'the command line starts the headless host' });

test('a plan is worked off; then everything can be listed, rolled back and brought back', async ({
  desk,
  repository,
}) => {
  const run = await desk.gantry([
    ...['run', '--repo', repository.path, '--plan', desk.plan(['a', 'b'], { b: '    dependsOn: [a]\n' })],
    ...['--agents', '2', '--agent', `command:${workCommand(0)}`, '--gate', 'test -d work', '--json'],
  ]);
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(run.stdout)).toMatchObject({
    ...{ tasks: 2, merged: 2, failed: 0, cancelled: 0, blocked: 0, conflicts: 0, ok: true },
  });
  expect(run.stderr).toContain('merged     a  Task a  (1 of 2)');
  expectMergedOnce(repository, ['a', 'b']);

  const json = async (...args: string[]) => {
    const listed = await desk.gantry([...args, '--json']);
    expect(listed, listed.stderr).toMatchObject({ code: 0 });
    return JSON.parse(listed.stdout);
  };
  expect(await json('status')).toMatchObject([{ name: 'parcel', targetBranch: 'main', counts: { tasksMerged: 2 } }]);
  expect(await json('tasks')).toMatchObject([
    { key: 'a', shown: 'merged' },
    { key: 'b', shown: 'merged', dependsOn: ['a'] },
  ]);
  expect(await json('lanes')).toHaveLength(2);
  expect(await json('cluster')).toMatchObject({ voters: 3, votersHealthy: 3 });
  const { checkpoints } = await json('timeline');
  expect(checkpoints.map((each: { kind: string }) => each.kind)).toEqual(['merge', 'merge', 'opened']);

  const before = repository.git('rev-parse', 'main^{tree}');
  const start = repository.git('rev-parse', 'main~2^{tree}');
  const opened = String(checkpoints[2].number);
  const plan = await desk.gantry(['rollback', opened]);
  expect(plan.code, plan.stderr).toBe(0);
  expect(plan.stdout).toMatch(/reverts \w{7} {2}Merge b: Task b[\s\S]*reverts \w{7} {2}Merge a: Task a/);
  expect(plan.stdout).toContain('opens a again');
  expect(plan.stdout).toContain('Nothing was changed. Add --yes to do it.');
  expect(repository.git('rev-parse', 'main^{tree}')).toBe(before);

  const rolledBack = await desk.gantry(['rollback', opened, '--yes']);
  expect(rolledBack.stdout, rolledBack.stderr).toMatch(/^R-1: 2 merges taken back\. .*Auto-merge is paused\./);
  expect(repository.git('rev-parse', 'main^{tree}')).toBe(start);
  expect(await json('tasks')).not.toContainEqual(expect.objectContaining({ shown: 'merged' }));

  const undone = await desk.gantry(['undo', 'R-1']);
  expect(undone.stdout, undone.stderr).toBe('R-1 is undone.\n');
  expect(repository.git('rev-parse', 'main^{tree}')).toBe(before);
  expect(repository.git('status', '--porcelain')).toBe('');
});

test('a task that fails for good ends the run with 1, and says what it blocks', async ({ desk, repository }) => {
  const run = await desk.gantry([
    ...['run', '--repo', repository.path, '--json', '--agents', '2'],
    ...['--plan', desk.plan(['bad', 'good', 'late'], { late: '    dependsOn: [bad]\n' })],
    ...['--agent', `command:test "$GANTRY_TASK_ID" != bad || { echo no key >&2; exit 3; }; ${workCommand(0)}`],
  ]);
  expect(run.code, run.stderr).toBe(1);
  expect(JSON.parse(run.stdout)).toMatchObject({ tasks: 3, merged: 1, failed: 1, blocked: 1, ok: false });
  expect(run.stderr).toMatch(/failed {5}bad {2}Task bad: .*no key/);
  expectMergedOnce(repository, ['good']);
});

test('Ctrl-C leaves everything, and the same command goes on', async ({ desk, repository }) => {
  const flag = join(desk.home, 'go-on');
  const args = [
    ...['run', '--repo', repository.path, '--plan', desk.plan(['a', 'b', 'c']), '--agents', '2', '--json'],
    '--agent',
    `command:test "$GANTRY_TASK_ID" = a || until test -e '${flag}'; do sleep 0.1; done; ${workCommand(0)}`,
  ];
  const interrupted = await desk.gantry(args, {
    onStart: (child) => {
      child.stderr?.on('data', (data: Buffer) => {
        if (data.includes('merged     a')) child.kill('SIGINT');
      });
    },
  });
  expect(interrupted).toMatchObject({ code: 130, stdout: '' });
  expect(interrupted.stderr).toContain('Stopped. Everything is kept; the same command goes on from here.');
  expectMergedOnce(repository, ['a']);

  writeFileSync(flag, '');
  const resumed = await desk.gantry(args);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toContain('Going on: 3 of 3 tasks are known already.');
  expect(JSON.parse(resumed.stdout)).toMatchObject({ tasks: 3, merged: 3, ok: true });
  expectMergedOnce(repository, ['a', 'b', 'c']);
});

test('shutdown ends the worker and the agents that outlived the command', async ({ desk, repository }) => {
  const args = ['run', '--repo', repository.path, '--plan', desk.plan(['a']), '--agents', '1'];
  const run = await desk.gantry([...args, '--agent', 'command:setsid sleep 600 & sleep 600'], {
    onStart: (child) => {
      child.stderr?.on('data', (data: Buffer) => {
        if (data.includes('started')) child.kill('SIGINT');
      });
    },
  });
  expect(run.code, run.stderr).toBe(130);
  expect(processesOf(desk.home).length).toBeGreaterThan(0);
  const ended = await desk.gantry(['shutdown']);
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stdout).toBe('The worker is ended, and 1 agent with it. Their work is kept.\n');
  expect(processesOf(desk.home)).toEqual([]);
  expect((await desk.gantry(['shutdown'])).stdout).toBe('No worker runs. Nothing had to be ended.\n');
});

test('what is wrong with the command line or the plan is said with its place', async ({ host, repository, desk }) => {
  const run = (...args: string[]) => runGantry(['run', '--repo', repository.path, ...args, '--home', host.home]);
  for (const [args, says] of [
    [['fly'], 'There is no command "fly".'],
    [['run'], 'run needs a plan: --plan FILE.'],
    [['run', '--plan', 'p', '--agents', '0'], '--agents takes a whole number from 1 to 100, not "0".'],
    [['rollback'], 'rollback takes exactly one id'],
  ] as const) {
    const refused = await runGantry([...args, '--home', host.home]);
    expect(refused.code, refused.stderr).toBe(2);
    expect(refused.stderr).toContain(says);
  }

  const task = (id: string, more = '') => `  - id: ${id}\n    title: T\n    prompt: P\n${more}`;
  for (const [name, text, says] of [
    [
      'cycle',
      task('a', '    dependsOn: [b]\n') + task('b', '    dependsOn: [a]\n'),
      /:5:17: These tasks wait for each other: a → b → a\./,
    ],
    ['unknown', task('a', '    dependsOn: [z]\n'), /:5:17: "a" depends on "z", which is not in the plan\./],
    ['twice', task('a') + task('a'), /:5:9: The id "a" is used twice, first in line 2\./],
    ['key', task('a', '    prio: 1\n'), /:5:5: Unknown key "prio"\. Expected one of id, title, prompt/],
    ['yaml', '  - id: [a\n', /:\d+:\d+: This is not valid YAML/],
  ] as const) {
    const refused = await run('--plan', desk.file(`${name}.yaml`, `tasks:\n${text}`));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('The plan was not loaded. Nothing was changed.');
    expect(refused.stderr).toMatch(new RegExp(`${name}\\.yaml${says.source}`));
  }
  const absent = await run('--plan', '/nowhere/plan.yaml');
  expect(absent).toMatchObject({ code: 1 });
  expect(absent.stderr).toContain('The plan /nowhere/plan.yaml cannot be read: it does not exist.');

  const plan = desk.plan(['a']);
  const kind = await run('--plan', plan, '--agent', 'robot');
  expect(kind).toMatchObject({ code: 1 });
  expect(kind.stderr).toContain('--agent "robot" is not a kind of agent. Write demo, codex,');
  const elsewhere = await runGantry(['run', '--repo', desk.home, '--plan', plan, '--home', host.home]);
  expect(elsewhere).toMatchObject({ code: 1 });
  expect(elsewhere.stderr).toContain(`${desk.home} is not a git repository. Nothing was changed.`);
  expect(repository.git('for-each-ref', '--format=%(refname)', 'refs/heads')).toBe('refs/heads/main');
});

test('an agent that is not installed is refused at once, with how to install it', async ({ desk, repository }) => {
  const plan = desk.plan(['a']);
  const run = await desk.gantry([
    'run',
    '--repo',
    repository.path,
    '--plan',
    plan,
    '--agents',
    '1',
    '--agent',
    'gemini',
  ]);
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/Gemini is not installed\. Nothing was started\. Install it with: npm install/);
  expect(repository.git('for-each-ref', '--format=%(refname)', 'refs/heads')).toBe('refs/heads/main');
});

test('a target with uncommitted changes is left alone; merges wait on gantry/main', async ({ desk, repository }) => {
  repository.write('README.md', '# Mine\n');
  const index = repository.git('diff');
  const run = await desk.gantry([
    ...['run', '--repo', repository.path, '--plan', desk.plan(['a', 'b']), '--agents', '2', '--json'],
    ...['--agent', `command:${workCommand(0)}`],
  ]);
  expect(run.code, run.stderr).toBe(0);
  expect(repository.subjects('main')).toEqual(['Start']);
  expect(repository.git('diff')).toBe(index);
  expect(repository.show('gantry/main', 'work/a.txt')).toBe('a');
  expect(repository.show('gantry/main', 'work/b.txt')).toBe('b');
  const status = await desk.gantry(['status', '--json']);
  expect(JSON.parse(status.stdout)).toMatchObject([
    {
      detour: {
        branch: 'gantry/main',
        aheadBy: 2,
        canBringIn: false,
        because: expect.stringContaining('has 1 uncommitted change (README.md)'),
      },
    },
  ]);
});

test('what keeps Gantry from starting is named, with what to do', async ({ host }) => {
  await test.step('a data folder in use names the process that uses it', async () => {
    await expect(new Host({ home: host.home }).start()).rejects.toThrow(
      new RegExp(
        `Gantry already runs on ${host.home}: process ${host.pid} on .*Use that one, end it, or choose another`,
      ),
    );
  });

  await test.step('a port that is taken is named', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const folder = mkdtempSync(join(tmpdir(), 'gantry-port-'));
    await expect(new Host({ home: folder }).start('--port', String(port))).rejects.toThrow(
      `Port ${port} is taken by another program. Nothing was changed.`,
    );
    taken.close();
    rmSync(folder, { recursive: true, maxRetries: 5, retryDelay: 200 });
  });
});

test('a data folder that cannot be written is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-read-only-'));
  const isRoot = process.getuid?.() === 0;
  try {
    // Permissions do not bind root, a read-only mount does.
    if (isRoot) execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=64k', 'tmpfs', folder], { stdio: 'pipe' });
    else chmodSync(folder, 0o500);
  } catch (error) {
    rmSync(folder, { recursive: true, maxRetries: 5, retryDelay: 200 });
    if (process.env['CI'] === 'true') throw error;
    test.skip(true, 'root may not mount here, so nothing can be made read-only');
  }
  try {
    await expect(new Host({ home: folder }).start()).rejects.toThrow(
      new RegExp(`Gantry cannot write to its data folder ${folder}.*Nothing was changed\\. .*GANTRY_HOME`),
    );
  } finally {
    if (isRoot) execFileSync('umount', [folder]);
    else chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true, maxRetries: 5, retryDelay: 200 });
  }
});
