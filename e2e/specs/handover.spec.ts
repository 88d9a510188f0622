/** A task passes from one kind of agent to another: the demo agent, and a real Codex on a mock model. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoTask, forLong, writes } from '../fixtures/demo-task.ts';
import { startMockModel } from '../fixtures/mock-model.ts';
import { mockPrompt } from '../fixtures/mock-model-script.ts';
import { expect, test as base } from '../fixtures/test.ts';

const agents = join(import.meta.dirname, '..', 'agents');

/** Why there is no Codex to test with; null when there is. */
function whyNoCodex(): string | null {
  const installed = spawnSync(process.execPath, [join(agents, 'install.mjs')], { encoding: 'utf8' });
  return installed.status === 0 ? null : installed.stderr.trim();
}

interface Fixtures {
  /** A home folder in which Codex knows the mock model alone. */
  codexHome: string;
}

const test = base.extend<Fixtures>({
  codexHome: async ({}, use, testInfo) => {
    const missing = whyNoCodex();
    if (missing !== null && process.env['CI'] === 'true') throw new Error(missing);
    testInfo.skip(missing !== null, missing ?? '');
    const home = mkdtempSync(join(tmpdir(), 'gantry-codex-'));
    const model = await startMockModel();
    mkdirSync(join(home, '.codex'));
    writeFileSync(join(home, '.codex', 'config.toml'), codexConfiguration(model.baseUrl));
    await use(home);
    await model.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  },
  hostEnvironment: async ({ codexHome }, use) =>
    use({
      HOME: codexHome,
      CODEX_HOME: join(codexHome, '.codex'),
      MOCK_KEY: 'none',
      PATH: `${join(agents, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`,
    }),
});

function codexConfiguration(baseUrl: string): string {
  return `model = "gpt-5.5"
model_provider = "mock"
check_for_update_on_startup = false
web_search = "disabled"
[analytics]
enabled = false
[features]
plugins = false
apps = false
remote_plugin = false
[model_providers.mock]
name = "mock"
base_url = "${baseUrl}"
wire_api = "responses"
env_key = "MOCK_KEY"
request_max_retries = 1
stream_max_retries = 1
`;
}

test('a lane’s task is handed to another kind of agent, which begins afresh; what the first one did is kept', async ({
  host,
  repository,
  fleet,
  panel,
  page,
}) => {
  const title = 'Write it down';
  const task = demoTask('t1', title, [writes('first'), { say: 'I think about it.' }, forLong]);
  const forCodex = mockPrompt('', [
    { say: 'I take over.', write: { path: 'work/second.txt', content: 'by Codex\n' } },
    { say: 'It is written.' },
  ]);
  await fleet.add([{ ...task, prompt: task.prompt + forCodex }]);
  await panel.open(host);
  await panel.spawn('Demo agent', 1);
  const first = await panel.lanes.open(title);
  await expect(first.events).toContainText('I think about it.');

  await first.button('Hand over').click();
  const kinds = page.getByRole('menu');
  await expect(kinds.getByRole('menuitem', { name: /^Demo agent/ })).toHaveAttribute('aria-disabled', 'true');
  await kinds.getByRole('menuitem', { name: /^Codex/ }).click();

  await fleet.until(() => fleet.allMerged(), 'the task is merged');
  expect(repository.show('main', 'work/second.txt')).toBe('by Codex');
  expect(repository.git('ls-tree', '-r', '--name-only', 'main')).not.toContain('work/first.txt');
  const lanes = [...fleet.lanes.values.values()].toSorted((a, b) => a.number - b.number);
  expect(lanes.map((lane) => [lane.agent, lane.status])).toEqual([
    ['demo', 'stopped'],
    ['codex', 'merged'],
  ]);

  const saved = repository.git('for-each-ref', '--format=%(refname)', `refs/gantry/saved/${lanes[0]?.id}`);
  expect(repository.git('show', `${saved}:work/first.txt`)).toBe('first');
  await panel.lanes.unfold('Stopped');
  await expect(panel.lanes.row(saved)).toContainText('Handed over to Codex.');
  await expect(first.mark('Stopped')).toBeVisible();
});
