import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { agentInfoSchema, type AgentInfo } from '#shared/model/agent.ts';
import { detectAgents } from './detect-agents.ts';

let home: string;
let bin: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gantry-detect-'));
  bin = join(home, 'bin');
  mkdirSync(bin);
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function program(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

async function found(ref: string): Promise<AgentInfo['found'] | undefined> {
  const agents = await detectAgents({ HOME: home, PATH: bin });
  for (const agent of agents) agentInfoSchema.parse(agent);
  return agents.find((agent) => agent.ref === ref)?.found;
}

it('always offers the demo agent, labelled, which has no place of its own', async () => {
  const [demo] = await detectAgents({ HOME: home, PATH: bin });
  expect(demo).toMatchObject({ ref: 'demo', isDemo: true, found: { state: 'installed', path: null } });
});

it('says how to install what is missing', async () => {
  expect(await found('codex')).toEqual({ state: 'missing', installCommand: 'npm install -g @openai/codex' });
});

it('tells the version of what is there', async () => {
  program('codex', 'echo codex-cli 0.169.0');
  expect(await found('codex')).toEqual({
    state: 'installed',
    version: '0.169.0',
    path: join(bin, 'codex'),
    note: null,
  });
});

it('reads the version of a script from its package, without running it', async () => {
  const folder = join(home, 'lib/claude-agent-acp');
  mkdirSync(join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"version":"1.2.3"}');
  writeFileSync(join(folder, 'dist/index.js'), 'process.exit(1);\n');
  chmodSync(join(folder, 'dist/index.js'), 0o755);
  symlinkSync(join(folder, 'dist/index.js'), join(bin, 'claude-agent-acp'));
  expect(await found('claude')).toMatchObject({ state: 'installed', version: '1.2.3' });
});

it('says what is broken', async () => {
  program('gemini', 'echo "cannot find its parts" >&2; exit 1');
  expect(await found('gemini')).toMatchObject({ state: 'broken', reason: 'cannot find its parts' });
});

it('looks where installers put things, beside PATH', async () => {
  mkdirSync(join(home, '.opencode/bin'), { recursive: true });
  bin = join(home, '.opencode/bin');
  program('opencode', 'echo 1.18.33');
  const agents = await detectAgents({ HOME: home, PATH: '/bin' });
  expect(agents.find((agent) => agent.ref === 'opencode')?.found).toMatchObject({
    state: 'installed',
    version: '1.18.33',
  });
});
