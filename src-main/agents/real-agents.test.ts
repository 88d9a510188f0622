// Real agent programs, unmodified, in real worktrees, against a local mock model: Codex by its own
// command line, and Codex behind the Agent Client Protocol.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMockModel, type MockModel } from '../../e2e/fixtures/mock-model.ts';
import { mockPrompt } from '../../e2e/fixtures/mock-model-script.ts';
import type { AgentEvent } from '#shared/model/agent-event.ts';
import { makeLaneWorktree, type WorkerBench, openWorkerBench } from '../worker/worker-bench.fixture.ts';
import { findCodex } from './codex/codex-program.ts';

const agents = fileURLToPath(new URL('../../e2e/agents/', import.meta.url));
const bin = join(agents, 'node_modules', '.bin');
const installed = spawnSync(process.execPath, [join(agents, 'install.mjs')], { encoding: 'utf8' });
const problem = installed.status === 0 ? null : installed.stderr.trim();
if (problem !== null) {
  if (process.env['CI'] === 'true') throw new Error(problem);
  console.log(`Skipped: tests with real agents. ${problem}`);
}

let model: MockModel;
let bench: WorkerBench;

beforeAll(async () => {
  model = await startMockModel();
  bench = await openWorkerBench();
}, 60_000);

afterAll(async () => {
  await bench.close();
  await model.close();
});

/** A home for Codex that knows no model but the mock. */
function codexHome(baseUrl: string): Record<string, string> {
  const home = join(bench.folder, `codex-${Math.abs(hash(baseUrl))}`);
  mkdirSync(home, { recursive: true });
  writeFileSync(
    join(home, 'config.toml'),
    [
      'model = "gpt-5.5"',
      'model_provider = "mock"',
      'check_for_update_on_startup = false',
      'web_search = "disabled"',
      '[analytics]',
      'enabled = false',
      '[features]',
      'plugins = false',
      'apps = false',
      'remote_plugin = false',
      '[model_providers.mock]',
      'name = "mock"',
      `base_url = "${baseUrl}"`,
      'wire_api = "responses"',
      'env_key = "MOCK_KEY"',
      'request_max_retries = 1',
      'stream_max_retries = 1',
      '',
    ].join('\n'),
  );
  const path = `${bin}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  return { CODEX_HOME: home, HOME: home, MOCK_KEY: 'none', PATH: path };
}

function hash(text: string): number {
  let value = 0;
  for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) | 0;
  return value;
}

function types(events: readonly AgentEvent[]): string[] {
  return [...new Set(events.map((event) => event.type))];
}

/** A port on which nobody listens. */
const nowhere = 'http://127.0.0.1:9/v1';
const editAndRun = [
  { think: 'One file, then a look at it.', write: { path: 'added.txt', content: 'from the model\n' } },
  { sh: 'cat added.txt && echo shell > shell.txt' },
  { say: 'Both are done.' },
];

describe.skipIf(problem !== null)('codex', () => {
  const run = (
    prompt: string,
    more: { baseUrl?: string; stallMs?: number; resumeSession?: string; cwd?: string } = {},
  ) =>
    bench.run({
      agent: 'codex',
      prompt,
      env: codexHome(more.baseUrl ?? model.baseUrl),
      stallMs: more.stallMs ?? 20_000,
      resumeSession: more.resumeSession ?? null,
      cwd: more.cwd ?? makeLaneWorktree(bench.folder),
    });

  it('is started without the script around it', () => {
    const found = findCodex({ PATH: bin });
    expect(found).not.toBeNull();
    expect(found).toMatch(/vendor.*codex(\.exe)?$/);
  });

  it('edits files and runs commands, and can be resumed', async () => {
    const cwd = makeLaneWorktree(bench.folder);
    const first = await run(mockPrompt('Add a file.', editAndRun), { cwd });
    const outcome = (await first.ended).outcome;
    expect(outcome).toMatchObject({ kind: 'ok', summary: 'Both are done.' });
    expect(readFileSync(join(cwd, 'added.txt'), 'utf8')).toBe('from the model\n');
    expect(existsSync(join(cwd, 'shell.txt'))).toBe(true);
    const events = await first.events();
    expect(types(events)).toEqual(
      expect.arrayContaining(['session', 'tool', 'file-change', 'message', 'usage', 'end']),
    );
    expect(events).toContainEqual({ type: 'file-change', path: 'added.txt', kind: 'add' });
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'tool', kind: 'command', status: 'completed', exitCode: 0 }),
    );
    expect(events.filter((event) => event.type === 'raw')).toEqual([]);

    const session = events.find((event) => event.type === 'session')?.sessionId ?? '';
    const again = await run(mockPrompt('Once more.', [{ say: 'I remember.' }]), { cwd, resumeSession: session });
    expect((await again.ended).outcome).toMatchObject({ kind: 'ok', summary: 'I remember.' });
    expect(await again.events()).toContainEqual({ type: 'session', sessionId: session });
  }, 60_000);

  it('takes a message as a further turn', async () => {
    const first = await run(mockPrompt('Wait a little.', [{ sh: 'sleep 1' }, { say: 'First turn.' }]));
    await first.until((event) => event.type === 'tool');
    const sent = await bench.client.message(first.runId, mockPrompt('And this.', [{ say: 'Second turn.' }]));
    expect(sent.ok).toBe(true);
    expect((await first.ended).outcome).toMatchObject({ kind: 'ok', summary: 'Second turn.' });
  }, 60_000);

  it.each([
    ['500', [{ fail: { status: 500 } }], 'agent-error'],
    ['429', [{ fail: { status: 429, retryAfterSeconds: 0 } }], 'rate-limited'],
  ] as const)(
    'ends clearly when the model answers %s',
    async (_status, steps, reason) => {
      const failing = await run(mockPrompt('Try.', steps));
      expect((await failing.ended).outcome).toMatchObject({ kind: 'failed', reason });
    },
    60_000,
  );

  it('ends as unreachable within the limit when nobody listens', async () => {
    const failing = await run('Try.', { baseUrl: nowhere, stallMs: 4_000 });
    expect((await failing.ended).outcome).toMatchObject({ kind: 'failed', reason: 'unreachable' });
  }, 60_000);

  it('ends as stalled within the limit when the model hangs', async () => {
    const failing = await run(mockPrompt('Try.', [{ hang: true }]), { stallMs: 3_000 });
    expect((await failing.ended).outcome).toMatchObject({ kind: 'failed', reason: 'stalled' });
    expect(await bench.leftovers(failing.runId)).toEqual([]);
  }, 60_000);
});

describe.skipIf(problem !== null)('an Agent Client Protocol agent', () => {
  const run = (prompt: string, more: { mode?: string; baseUrl?: string; stallMs?: number } = {}) => {
    const cwd = makeLaneWorktree(bench.folder);
    const env = codexHome(more.baseUrl ?? model.baseUrl);
    return bench.run({
      agent: 'acp:codex-acp',
      prompt,
      env: { ...env, CODEX_PATH: findCodex({ PATH: bin }) ?? '', INITIAL_AGENT_MODE: more.mode ?? 'agent-full-access' },
      stallMs: more.stallMs ?? 20_000,
      cwd,
    });
  };

  it('edits files and runs commands', async () => {
    const first = await run(mockPrompt('Add a file.', editAndRun));
    expect((await first.ended).outcome).toMatchObject({ kind: 'ok', summary: 'Both are done.' });
    expect(readFileSync(join(first.cwd, 'added.txt'), 'utf8')).toBe('from the model\n');
    const events = await first.events();
    expect(types(events)).toEqual(expect.arrayContaining(['session', 'tool', 'message', 'end']));
    expect(events).toContainEqual({ type: 'file-change', path: 'added.txt', kind: 'add' });
    expect(events).toContainEqual(expect.objectContaining({ type: 'tool', kind: 'command', status: 'completed' }));
  }, 60_000);

  it('asks, is answered, and remembers what was allowed for the lane', async () => {
    const steps = [
      { write: { path: 'one.txt', content: 'one\n' } },
      { write: { path: 'two.txt', content: 'two\n' } },
      { say: 'Written.' },
    ];
    const asking = await run(mockPrompt('Write.', steps), { mode: 'read-only' });
    const request = await asking.until((event) => event.type === 'permission');
    expect(existsSync(join(asking.cwd, 'one.txt'))).toBe(false);
    const allow = request.options.find((option) => option.kind === 'allow-once');
    const answered = await bench.client.answer(asking.runId, request.requestId, allow?.optionId ?? '', true);
    expect(answered.ok).toBe(true);
    expect((await asking.ended).outcome).toMatchObject({ kind: 'ok' });
    expect(existsSync(join(asking.cwd, 'one.txt')) && existsSync(join(asking.cwd, 'two.txt'))).toBe(true);
    const events = await asking.events();
    expect(events.filter((event) => event.type === 'permission')).toHaveLength(2);
    expect(events.filter((event) => event.type === 'permission-resolved' && event.allowed)).toHaveLength(2);
  }, 60_000);

  it('does not do what was rejected, and hears what to do instead', async () => {
    const steps = [{ write: { path: 'one.txt', content: 'one\n' } }, { say: 'Never said.' }];
    const asking = await run(mockPrompt('Write.', steps), { mode: 'read-only' });
    const request = await asking.until((event) => event.type === 'permission');
    const reject = request.options.find((option) => option.kind.startsWith('reject'));
    await bench.client.answer(asking.runId, request.requestId, reject?.optionId ?? '', false);
    await asking.until((event) => event.type === 'turn-end');
    await bench.client.message(asking.runId, mockPrompt('Only look.', [{ say: 'I only looked.' }]));
    expect((await asking.ended).outcome).toMatchObject({ kind: 'ok', summary: 'I only looked.' });
    expect(existsSync(join(asking.cwd, 'one.txt'))).toBe(false);
    expect(await asking.events()).toContainEqual(
      expect.objectContaining({ type: 'permission-resolved', allowed: false }),
    );
  }, 60_000);

  it('waits for the person after an interrupt, and goes on with their message', async () => {
    const long = await run(mockPrompt('Wait.', [{ sh: 'sleep 30' }, { say: 'Never said.' }]));
    await long.until((event) => event.type === 'tool');
    expect((await bench.client.control(long.runId, 'interrupt', 'test')).ok).toBe(true);
    await long.until((event) => event.type === 'turn-end');
    await bench.client.message(long.runId, mockPrompt('Go on.', [{ say: 'Went on.' }]));
    expect((await long.ended).outcome).toMatchObject({ kind: 'ok', summary: 'Went on.' });
  }, 60_000);

  it.each([
    ['500', [{ fail: { status: 500 } }], 'agent-error'],
    ['429', [{ fail: { status: 429, retryAfterSeconds: 0 } }], 'rate-limited'],
  ] as const)(
    'ends clearly when the model answers %s',
    async (_status, steps, reason) => {
      const failing = await run(mockPrompt('Try.', steps));
      expect((await failing.ended).outcome).toMatchObject({ kind: 'failed', reason });
    },
    60_000,
  );

  it('ends as unreachable within the limit when nobody listens', async () => {
    const failing = await run('Try.', { baseUrl: nowhere, stallMs: 5_000 });
    expect((await failing.ended).outcome).toMatchObject({ kind: 'failed', reason: 'unreachable' });
  }, 60_000);

  it('ends with its whole tree when it is stopped', async () => {
    const long = await run(mockPrompt('Wait.', [{ sh: 'setsid sleep 300 & sleep 300' }, { say: 'Never said.' }]));
    await long.until((event) => event.type === 'tool');
    expect((await bench.client.control(long.runId, 'stop', 'Stopped by the test.')).ok).toBe(true);
    expect((await long.ended).outcome).toEqual({ kind: 'stopped', detail: 'Stopped by the test.' });
    expect(await bench.leftovers(long.runId)).toEqual([]);
  }, 60_000);
});
