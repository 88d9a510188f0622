/** What can be asked of a lane, by the kind of its agent. Pure: also read where decisions are made. */
import type { AgentRef } from '#shared/model/agent.ts';

/** Which adapter runs an agent. */
export type AdapterKind = 'demo' | 'codex' | 'acp' | 'command';

export interface AgentCapabilities {
  /** The person can write to it while it runs. */
  readonly messages: boolean;
  /** It asks before it does certain things. */
  readonly permissions: boolean;
  /** It keeps a session under an id and can go on with it in a later run. */
  readonly sessions: boolean;
  /**
   * How it does its work over when that came back with a conflict or a failed gate: `continue`
   * tells it so in the worktree as it stands; `restart` begins again from the target's head,
   * because a program that knows nothing of the conflict could only repeat itself.
   */
  readonly rework: 'continue' | 'restart';
}

/** The adapter for a reference such as `codex` or `command:make fix`. */
export function adapterKind(ref: AgentRef): AdapterKind {
  const name: string = ref;
  if (name === 'demo' || name === 'codex') return name;
  return name.startsWith('command:') ? 'command' : 'acp';
}

const capabilities: Record<AdapterKind, AgentCapabilities> = {
  demo: { messages: true, permissions: true, sessions: true, rework: 'continue' },
  codex: { messages: true, permissions: false, sessions: true, rework: 'continue' },
  acp: { messages: true, permissions: true, sessions: true, rework: 'continue' },
  command: { messages: false, permissions: false, sessions: false, rework: 'restart' },
};

/** What a lane with this agent can do. */
export function agentCapabilities(ref: AgentRef): AgentCapabilities {
  return capabilities[adapterKind(ref)];
}
