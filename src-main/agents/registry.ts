import type { AgentRef } from '#shared/model/agent.ts';
import { acpAdapter } from './acp/acp-adapter.ts';
import type { AgentAdapter } from './adapter.ts';
import { type AdapterKind, adapterKind } from './capabilities.ts';
import { codexAdapter } from './codex/codex-adapter.ts';
import { commandAdapter } from './command/command-adapter.ts';
import { demoAdapter } from './demo/demo-adapter.ts';

const adapters: Record<AdapterKind, AgentAdapter> = {
  acp: acpAdapter,
  codex: codexAdapter,
  command: commandAdapter,
  demo: demoAdapter,
};

/** What runs an agent of this kind. */
export function adapterFor(ref: AgentRef): AgentAdapter {
  return adapters[adapterKind(ref)];
}
