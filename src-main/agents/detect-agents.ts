/** Searches this machine for the agents that Gantry knows. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { gantryVersion } from '#shared/contract/version.ts';
import { type AgentInfo, agentRefSchema } from '#shared/model/agent.ts';
import { acpAgents } from './acp/acp-program.ts';
import { findProgram } from './agent-environment.ts';
import { codexInstallCommand, findCodex } from './codex/codex-program.ts';
import { firstLine } from './outcome.ts';

interface Candidate {
  readonly ref: 'codex' | 'claude' | 'opencode' | 'gemini';
  readonly name: string;
  readonly short: string;
  readonly installCommand: string;
  readonly find: (env: NodeJS.ProcessEnv) => string | null;
}

const candidates: readonly Candidate[] = [
  { ref: 'codex', name: 'Codex', short: 'cx', installCommand: codexInstallCommand, find: findCodex },
  ...(['claude', 'opencode', 'gemini'] as const).map((ref) => ({
    ref,
    name: acpAgents[ref].name,
    short: { claude: 'cc', opencode: 'oc', gemini: 'gm' }[ref],
    installCommand: acpAgents[ref].installCommand,
    find: (env: NodeJS.ProcessEnv) => findProgram(acpAgents[ref].program, env),
  })),
];

/** A program that does not say its version within this time counts as broken. */
const versionMs = 10_000;

const manifestSchema = z.object({ version: z.string() });

const execute = promisify(execFile);

/** The demo agent and all others, installed or not, in a fixed order. */
export async function detectAgents(env: NodeJS.ProcessEnv = process.env): Promise<AgentInfo[]> {
  const others = await Promise.all(candidates.map((candidate) => detect(candidate, env)));
  const demo: AgentInfo = {
    ref: agentRefSchema.parse('demo'),
    name: 'Demo agent',
    short: 'dm',
    isDemo: true,
    found: {
      state: 'installed',
      version: gantryVersion,
      path: null,
      note: 'Built in; follows a script, no model',
    },
  };
  return [demo, ...others];
}

async function detect(candidate: Candidate, env: NodeJS.ProcessEnv): Promise<AgentInfo> {
  const { ref, name, short, installCommand } = candidate;
  const info = { ref: agentRefSchema.parse(ref), name, short, isDemo: false };
  const path = candidate.find(env);
  if (path === null) return { ...info, found: { state: 'missing', installCommand } };
  try {
    const version = packageVersion(path) ?? (await askVersion(path, env));
    return { ...info, found: { state: 'installed', version, path, note: null } };
  } catch (error) {
    const reason = firstLine(String((error as { stderr?: unknown }).stderr || error));
    return { ...info, found: { state: 'broken', path, reason, installCommand } };
  }
}

/**
 * The version of the npm package that a script belongs to. Preferred to asking: some of them
 * take any argument for the start of a conversation and wait.
 */
function packageVersion(path: string): string | null {
  const script = realpathSync(path);
  if (!/\.[cm]?js$/.test(script)) return null;
  for (let folder = dirname(script), depth = 0; depth < 4; folder = dirname(folder), depth += 1) {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) continue;
    const parsed = manifestSchema.safeParse(JSON.parse(readFileSync(manifest, 'utf8')));
    if (parsed.success) return parsed.data.version;
  }
  return null;
}

async function askVersion(path: string, env: NodeJS.ProcessEnv): Promise<string> {
  const asking = execute(path, ['--version'], { env, timeout: versionMs, maxBuffer: 64 * 1024 });
  asking.child.stdin?.end();
  const { stdout } = await asking;
  return /\d+\.\d+\S*/.exec(stdout)?.[0] ?? firstLine(stdout);
}
