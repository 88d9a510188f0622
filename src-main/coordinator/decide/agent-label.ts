/** What kinds of agents are called where they are shown. */
import type { AgentRef } from '#shared/model/agent.ts';

/** A name for people and two letters for narrow places. */
export interface AgentLabel {
  readonly name: string;
  readonly short: string;
}

const known: Readonly<Record<string, AgentLabel>> = {
  demo: { name: 'Demo agent', short: 'de' },
  codex: { name: 'Codex', short: 'cx' },
  claude: { name: 'Claude Code', short: 'cc' },
  opencode: { name: 'OpenCode', short: 'oc' },
  gemini: { name: 'Gemini', short: 'gm' },
};

/** The label of an agent. Commands are called after their program: `command:./build.sh -x` is "build.sh". */
export function agentLabel(agent: AgentRef): AgentLabel {
  const label = known[agent];
  if (label) return label;
  const program =
    agent
      .replace(/^(acp|command):/, '')
      .trim()
      .split(/\s+/)[0] ?? '';
  const name = program.split(/[\\/]/).at(-1) || 'Command';
  return { name: name.slice(0, 40), short: agent.startsWith('acp:') ? 'ac' : 'sh' };
}
