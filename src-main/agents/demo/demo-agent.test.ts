// The demo agent as lanes run it: through a real worker, in a real repository.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeLaneWorktree, openWorkerBench, type WorkerBench } from '../../worker/worker-bench.fixture.ts';

let bench: WorkerBench;

beforeAll(async () => {
  bench = await openWorkerBench();
});

afterAll(() => bench.close());

function script(steps: string, rework = ''): string {
  return `Do it.\n\`\`\`demo\n${steps}\n\`\`\`\n${rework === '' ? '' : `\`\`\`demo rework\n${rework}\n\`\`\`\n`}`;
}

it('follows its script, really', async () => {
  const cwd = makeLaneWorktree(bench.folder);
  const steps = [
    '- plan: [Write, Check]',
    '- think: short',
    '- edit: { path: src/a.txt, text: "one\\ntwo\\n" }',
    '- replace: { path: src/a.txt, find: two, with: three }',
    '- append: { path: README.md, text: "More.\\n" }',
    '- run: grep -c three src/a.txt',
    '- say: All done.',
  ].join('\n');
  const run = await bench.run({ agent: 'demo', cwd, prompt: script(steps) });
  expect((await run.ended).outcome).toEqual({ kind: 'ok', summary: 'All done.' });
  expect(readFileSync(join(cwd, 'src/a.txt'), 'utf8')).toBe('one\nthree\n');
  expect(readFileSync(join(cwd, 'README.md'), 'utf8')).toBe('# Sample\nMore.\n');
  const types = (await run.events()).map((event) => event.type);
  expect(new Set(types)).toEqual(
    new Set(['session', 'plan', 'thought', 'tool', 'file-change', 'message', 'usage', 'end']),
  );
});

it('makes a small change of its own without a script', async () => {
  const cwd = makeLaneWorktree(bench.folder);
  const env = { GANTRY_TASK_ID: 'p:T-7', GANTRY_TASK_TITLE: 'Greet people' };
  const run = await bench.run({ agent: 'demo', cwd, prompt: 'Say hello.\nSay it twice.', env });
  expect((await run.ended).outcome).toMatchObject({ kind: 'ok' });
  expect(readFileSync(join(cwd, 'notes/T-7.md'), 'utf8')).toContain('- [ ] Say it twice.');
});

it('asks, and does only what is allowed', async () => {
  const cwd = makeLaneWorktree(bench.folder);
  const steps = '- ask: { title: First?, command: touch first }\n- ask: { title: Second?, command: touch second }';
  const run = await bench.run({ agent: 'demo', cwd, prompt: script(steps), stallMs: 2_000 });
  const first = await run.until((event) => event.type === 'permission');
  expect(first.command).toBe('touch first');
  await bench.client.answer(run.runId, first.requestId, 'reject', false);
  const isSecond = (event: { type: string; title?: string }): boolean =>
    event.type === 'permission' && event.title === 'Second?';
  const second = await run.until((event): event is typeof first => isSecond(event));
  await bench.client.answer(run.runId, second.requestId, 'allow', false);
  expect((await run.ended).outcome).toMatchObject({ kind: 'ok' });
  expect([existsSync(join(cwd, 'first')), existsSync(join(cwd, 'second'))]).toEqual([false, true]);
});

it('fails with its reason', async () => {
  const run = await bench.run({ agent: 'demo', prompt: script('- fail: It is too dark.') });
  expect((await run.ended).outcome).toMatchObject({ kind: 'failed', reason: 'agent-error', detail: 'It is too dark.' });
});

it('is interrupted, waits, and goes on', async () => {
  const run = await bench.run({ agent: 'demo', prompt: script('- wait: 60000\n- say: Late.') });
  await run.until((event) => event.type === 'session');
  await bench.client.control(run.runId, 'interrupt', '');
  await run.until((event) => event.type === 'turn-end');
  await bench.client.message(run.runId, 'Stay calm.');
  await run.untilSaid('Understood: Stay calm.');
  expect((await bench.client.control(run.runId, 'stop', 'Enough.')).ok).toBe(true);
});

it('resolves conflicts by keeping both sides when its work comes back', async () => {
  const cwd = makeLaneWorktree(bench.folder);
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args], { cwd, stdio: 'ignore' });
  };
  git('checkout', '-b', 'other');
  writeFileSync(join(cwd, 'README.md'), '# Theirs\n');
  git('commit', '-am', 'Theirs');
  git('checkout', 'main');
  writeFileSync(join(cwd, 'README.md'), '# Ours\n');
  git('commit', '-am', 'Ours');
  expect(() => git('merge', 'other')).toThrow();
  const run = await bench.run({
    agent: 'demo',
    cwd,
    prompt: script('- append: { path: README.md, text: again }'),
    resumeSession: 'earlier',
  });
  expect((await run.ended).outcome).toMatchObject({ kind: 'ok', summary: 'Kept both sides in README.md.' });
  expect(readFileSync(join(cwd, 'README.md'), 'utf8')).toBe('# Ours\n# Theirs\n');
});

it('remembers the task of the session that it resumes, and follows its rework script once it was done', async () => {
  const cwd = makeLaneWorktree(bench.folder);
  const stateFolder = join(bench.folder, 'state');
  const prompt = script(
    '- append: { path: log.txt, text: "done\\n" }',
    '- append: { path: log.txt, text: "rework\\n" }',
  );
  const first = await bench.run({ agent: 'demo', cwd, prompt, stateFolder });
  await first.ended;
  const session = (await first.events()).find((event) => event.type === 'session')?.sessionId ?? '';
  const resume = { agent: 'demo', cwd, prompt: 'A gate failed.', stateFolder, resumeSession: session };
  expect((await (await bench.run(resume)).ended).outcome).toMatchObject({ kind: 'ok' });
  expect(readFileSync(join(cwd, 'log.txt'), 'utf8')).toBe('done\nrework\n');
});
