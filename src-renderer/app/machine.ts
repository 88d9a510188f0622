import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { ContractClient } from '#shared/contract/client.ts';
import type { Machine } from '#shared/contract/contract.ts';
import type { AgentInfo } from '#shared/model/agent.ts';
import { useClient } from '../client/ClientContext.tsx';
import { errorText } from './use-call.ts';

/** What is known of this machine: nothing yet, what was found, or why that could not be said. */
export interface MachineReport {
  readonly machine: Machine | null;
  readonly checking: boolean;
  readonly problem: string | null;
}

let report: MachineReport = { machine: null, checking: false, problem: null };
const listeners = new Set<() => void>();

function tell(next: MachineReport): void {
  report = next;
  for (const listener of listeners) listener();
}

async function check(client: ContractClient, again: boolean): Promise<void> {
  if (report.checking) return;
  tell({ ...report, checking: true });
  try {
    tell({ machine: await client.call('host.machine', { again }), checking: false, problem: null });
  } catch (error) {
    tell({ ...report, checking: false, problem: errorText(error) });
  }
}

/** What was found on this machine, asked for once and again on wish. */
export function useMachine(): MachineReport & { checkAgain: () => void } {
  const client = useClient();
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => report,
  );
  useEffect(() => {
    if (report.machine === null && report.problem === null) void check(client, false);
  }, [client]);
  const checkAgain = useCallback(() => void check(client, true), [client]);
  return { ...shown, checkAgain };
}

/** The agents that can be spawned, the demo agent last. */
export function spawnableAgents(machine: Machine | null): readonly AgentInfo[] {
  const installed = (machine?.agents ?? []).filter((agent) => agent.found.state === 'installed');
  return [...installed.filter((agent) => !agent.isDemo), ...installed.filter((agent) => agent.isDemo)];
}
