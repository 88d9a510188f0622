import { useCallback, useMemo } from 'react';
import { Button } from '../ui/button/Button.tsx';
import { SplitButton } from '../ui/button/SplitButton.tsx';
import { Menu, type MenuEntry } from '../ui/overlay/Menu.tsx';
import { type Action, useActions } from './action-registry.ts';
import { useProject } from './current-project.ts';
import { spawnableAgents, useMachine } from './machine.ts';
import { setUi, useUiState } from './ui-state.ts';
import { useCall } from './use-call.ts';

const counts = [1, 2, 3, 4, 5, 8, 12, 20] as const;

/** Which agent and how many the spawn button would start, and the start itself. */
export function useSpawn() {
  const project = useProject(
    (shown) => shown && { id: shown.id, isDemo: shown.isDemo, unavailableBecause: shown.unavailableBecause },
  );
  const { machine } = useMachine();
  const call = useCall();
  const chosen = useUiState((state) => state.spawnAgent);
  const count = useUiState((state) => state.spawnCount);
  const agents = useMemo(() => spawnableAgents(machine), [machine]);
  const preferred = project?.isDemo ? agents.find((agent) => agent.isDemo) : undefined;
  const agent = agents.find((each) => each.ref === chosen) ?? preferred ?? agents[0] ?? null;
  const projectId = project?.id;
  const spawn = useCallback(() => {
    if (projectId !== undefined && agent !== null) void call('lane.spawn', { projectId, agent: agent.ref, count });
  }, [call, projectId, agent, count]);
  const what = agent === null ? 'lanes' : `${count} ${agent.name} ${count === 1 ? 'lane' : 'lanes'}`;
  const disabledReason = project?.unavailableBecause ?? (agent === null ? 'No agent is installed.' : null);
  return { machine, agents, agent, count, spawn, what, disabledReason };
}

/** Spawns lanes: go, which kind, how many. */
export function SpawnButton() {
  const { machine, agents, agent, count, spawn, what, disabledReason } = useSpawn();
  const actions = useMemo(
    (): readonly Action[] => [
      {
        id: 'lane.spawn',
        title: `Spawn ${what}`,
        group: 'Lanes',
        icon: 'plus',
        shortcut: 's',
        disabledReason,
        run: spawn,
      },
    ],
    [what, disabledReason, spawn],
  );
  useActions(actions);

  const kinds: MenuEntry[] = agents.map((each) => ({
    kind: 'item',
    id: each.ref,
    label: each.name,
    ...(each.found.state === 'installed' ? { detail: each.isDemo ? 'built in' : each.found.version } : {}),
    checked: each.ref === agent?.ref,
    run: () => setUi({ spawnAgent: each.ref }),
  }));
  const absent = (machine?.agents ?? []).filter((each) => each.found.state !== 'installed');
  if (absent.length > 0) kinds.push({ kind: 'separator', id: 'rule' });
  for (const each of absent) {
    if (each.found.state === 'installed') continue;
    const { installCommand } = each.found;
    kinds.push({
      kind: 'item',
      id: each.ref,
      label: each.name,
      checked: false,
      disabledReason: each.found.state === 'missing' ? installCommand : each.found.reason,
      run: () => undefined,
    });
  }
  const numbers: MenuEntry[] = counts.map((each) => ({
    kind: 'item',
    id: String(each),
    label: `× ${each}`,
    checked: each === count,
    run: () => setUi({ spawnCount: each }),
  }));

  return (
    <SplitButton label="Spawn lanes">
      <Button variant="primary" icon="plus" title={`Spawn ${what} (S)`} disabledReason={disabledReason} onClick={spawn}>
        Spawn
      </Button>
      <Menu
        align="end"
        entries={kinds}
        trigger={
          <Button variant="primary" trailingIcon="down" title="Agent kind">
            {agent?.name ?? 'No agent'}
          </Button>
        }
      />
      <Menu
        align="end"
        entries={numbers}
        trigger={
          <Button variant="primary" trailingIcon="down" title="How many">
            × {count}
          </Button>
        }
      />
    </SplitButton>
  );
}
