/** How the program of each agent that speaks the Agent Client Protocol is started. */
import type { AgentRef } from '#shared/model/agent.ts';
import { findProgram } from '../agent-environment.ts';
import type { ProgramCall } from '../adapter.ts';
import { shellCall } from '../shell-call.ts';

export interface AcpAgent {
  readonly name: string;
  /** The program that is looked for, and its arguments for this protocol. */
  readonly program: string;
  readonly args: readonly string[];
  readonly installCommand: string;
}

/** The agents that are known by name. */
export const acpAgents: Readonly<Record<'claude' | 'opencode' | 'gemini', AcpAgent>> = {
  claude: {
    name: 'Claude Code',
    program: 'claude-agent-acp',
    args: [],
    installCommand: 'npm install -g @agentclientprotocol/claude-agent-acp',
  },
  opencode: { name: 'OpenCode', program: 'opencode', args: ['acp'], installCommand: 'npm install -g opencode-ai' },
  gemini: { name: 'Gemini', program: 'gemini', args: ['--acp'], installCommand: 'npm install -g @google/gemini-cli' },
};

/** The known agent behind a reference; null for `acp:COMMAND`. */
export function acpAgentOf(ref: AgentRef): AcpAgent | null {
  const name: string = ref;
  return name === 'claude' || name === 'opencode' || name === 'gemini' ? acpAgents[name] : null;
}

/** What to start; null when the program is not there. A command line is the person's own, for the shell to find. */
export function acpCall(ref: AgentRef, env: NodeJS.ProcessEnv): Pick<ProgramCall, 'file' | 'args'> | null {
  const agent = acpAgentOf(ref);
  if (agent === null) return shellCall(ref.slice('acp:'.length));
  const file = findProgram(agent.program, env);
  return file === null ? null : { file, args: agent.args };
}
