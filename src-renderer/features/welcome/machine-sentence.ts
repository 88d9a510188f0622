import type { Machine } from '#shared/contract/contract.ts';

/** The one sentence over what was found on this machine. */
export function machineSentence(machine: Machine): string {
  if (machine.git.state === 'missing') return 'Not ready: Git is missing.';
  if (machine.git.state === 'too-old') return 'Not ready: Git is too old.';
  const agents = machine.agents.filter((agent) => agent.found.state === 'installed' && !agent.isDemo);
  if (agents.length === 0) return 'Ready for the demo. Install an agent for your own work.';
  return agents.length === 1
    ? `Ready for lanes with ${agents[0]?.name ?? ''}.`
    : `Ready for lanes with ${agents.length} agents.`;
}
