import type { ProjectView } from '#shared/contract/views.ts';
import { useProjects } from '../client/host-streams.ts';
import { Button } from '../ui/button/Button.tsx';
import { Switch } from '../ui/field/Switch.tsx';
import { Icon } from '../ui/icon/Icon.tsx';
import { Caution } from '../ui/label/Caution.tsx';
import { Kbd } from '../ui/label/Kbd.tsx';
import { Menu, type MenuEntry } from '../ui/overlay/Menu.tsx';
import { useProject } from './current-project.ts';
import { goTo } from './location.ts';
import { SpawnButton } from './SpawnButton.tsx';
import { setUi } from './ui-state.ts';
import { useCall } from './use-call.ts';

/** The bar above the view: where one is, whether finished work merges, and the two ways to act. */
export function TopBar() {
  const project = useProject();
  return (
    <header className="topbar">
      {project && (
        <>
          <RepositoryMenu project={project} />
          <span className="topbar__slash" aria-hidden="true">
            /
          </span>
          <BranchMenu project={project} />
          <AutoMerge project={project} />
        </>
      )}
      <span className="grow" />
      <button type="button" className="searchbox topbar__search" onClick={() => setUi({ overlay: 'palette' })}>
        <Icon name="search" small />
        <span className="truncate">Search or run a command</span>
        <Kbd shortcut="mod+k" />
      </button>
      {project && <SpawnButton project={project} />}
    </header>
  );
}

function RepositoryMenu({ project }: { project: ProjectView }) {
  const projects = useProjects();
  const entries: MenuEntry[] = [
    ...projects.map(
      (each): MenuEntry => ({
        kind: 'item',
        id: each.id,
        label: each.name,
        detail: each.counts.lanesLive > 0 ? `${each.counts.lanesLive} live` : each.path,
        checked: each.id === project.id,
        disabledReason: each.unavailableBecause,
        run: () => setUi({ projectId: each.id, laneId: null }),
      }),
    ),
    { kind: 'separator', id: 'rule' },
    {
      kind: 'item',
      id: 'open',
      label: 'Open a repository…',
      icon: 'folder',
      shortcut: 'mod+o',
      run: () => setUi({ overlay: 'open-repository' }),
    },
    { kind: 'item', id: 'welcome', label: 'All repositories', icon: 'repo', run: () => goTo('welcome') },
  ];
  return (
    <Menu
      entries={entries}
      trigger={
        <Button variant="quiet" icon="repo" trailingIcon="down" title="Switch repository">
          <span className="strong">{project.name}</span>
        </Button>
      }
    />
  );
}

function BranchMenu({ project }: { project: ProjectView }) {
  const call = useCall();
  const { detour } = project;
  const entries: MenuEntry[] = [
    { kind: 'heading', id: 'head', label: 'Lanes merge into' },
    ...project.branches.map(
      (branch): MenuEntry => ({
        kind: 'item',
        id: branch,
        label: branch,
        checked: branch === project.targetBranch,
        run: () => void call('project.configure', { projectId: project.id, targetBranch: branch }),
      }),
    ),
  ];
  entries.push(
    { kind: 'separator', id: 'gates-rule' },
    {
      kind: 'item',
      id: 'gates',
      label: 'Gates…',
      detail: project.gates.length === 0 ? 'none' : String(project.gates.length),
      run: () => setUi({ overlay: 'gates' }),
    },
  );
  if (detour !== null) {
    entries.push(
      { kind: 'separator', id: 'rule' },
      {
        kind: 'item',
        id: 'bring-in',
        label: `Bring in ${detour.aheadBy} from ${detour.branch}`,
        icon: 'merge',
        disabledReason: detour.canBringIn ? null : detour.because,
        run: () => void call('project.bringIn', { projectId: project.id }),
      },
    );
  }
  return (
    <Menu
      entries={entries}
      trigger={
        <Button variant="quiet" icon="branch" trailingIcon="down" title="Target branch: lanes merge into it">
          <span className="strong">{project.targetBranch}</span>
          {detour !== null && (
            <Caution className="wide">
              {detour.aheadBy} ahead on {detour.branch}
            </Caution>
          )}
        </Button>
      }
    />
  );
}

function AutoMerge({ project }: { project: ProjectView }) {
  const call = useCall();
  const { autoMerge, autoMergePausedBecause, counts } = project;
  return (
    <Switch
      on={autoMerge}
      label={autoMergePausedBecause === null ? 'Auto-merge' : 'Auto-merge, paused'}
      title={autoMergePausedBecause ?? 'Merge lanes on their own when all gates pass'}
      onToggle={() => void call('project.configure', { projectId: project.id, autoMerge: !autoMerge })}
    >
      <span className="wide">Auto-merge</span>
      {!autoMerge && autoMergePausedBecause !== null && <Caution className="wide">paused</Caution>}
      {counts.mergeQueue > 0 && <span className="tertiary wide">{counts.mergeQueue} in queue</span>}
    </Switch>
  );
}
