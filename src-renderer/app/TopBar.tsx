import { useProjects } from '../client/host-streams.ts';
import { Button } from '../ui/button/Button.tsx';
import { Switch } from '../ui/field/Switch.tsx';
import { Icon } from '../ui/icon/Icon.tsx';
import { Caution } from '../ui/label/Caution.tsx';
import { Kbd } from '../ui/label/Kbd.tsx';
import { Menu, type MenuEntry } from '../ui/overlay/Menu.tsx';
import { useProject, useProjectId } from './current-project.ts';
import { goTo } from './location.ts';
import { SpawnButton } from './SpawnButton.tsx';
import { setUi } from './ui-state.ts';
import { useCall } from './use-call.ts';

/** The bar above the view: where one is, whether finished work merges, and the two ways to act. */
export function TopBar() {
  const hasProject = useProject((project) => project !== undefined);
  return (
    <header className="topbar">
      {hasProject && (
        <>
          <RepositoryMenu />
          <span className="topbar__slash" aria-hidden="true">
            /
          </span>
          <BranchMenu />
          <AutoMerge />
        </>
      )}
      <span className="grow" />
      <button type="button" className="searchbox topbar__search" onClick={() => setUi({ overlay: 'palette' })}>
        <Icon name="search" small />
        <span className="truncate">Search or run a command</span>
        <Kbd shortcut="mod+k" />
      </button>
      {hasProject && <SpawnButton />}
    </header>
  );
}

function RepositoryMenu() {
  const projectId = useProjectId();
  const projects = useProjects(({ id, name, path, counts, unavailableBecause }) => ({
    id,
    name,
    path,
    lanesLive: counts.lanesLive,
    unavailableBecause,
  }));
  const entries: MenuEntry[] = [
    ...projects.map(
      (each): MenuEntry => ({
        kind: 'item',
        id: each.id,
        label: each.name,
        detail: each.lanesLive > 0 ? `${each.lanesLive} live` : each.path,
        checked: each.id === projectId,
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
          <span className="strong">{projects.find(({ id }) => id === projectId)?.name}</span>
        </Button>
      }
    />
  );
}

function BranchMenu() {
  const call = useCall();
  const project = useProject(
    (shown) =>
      shown && { id: shown.id, targetBranch: shown.targetBranch, branches: shown.branches, detour: shown.detour },
  );
  if (project === undefined) return null;
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
    { kind: 'separator', id: 'settings-rule' },
    {
      kind: 'item',
      id: 'settings',
      label: 'Project settings…',
      icon: 'settings',
      shortcut: 'mod+,',
      run: () => setUi({ overlay: 'project-settings' }),
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

function AutoMerge() {
  const call = useCall();
  const project = useProject(
    (shown) =>
      shown && {
        id: shown.id,
        autoMerge: shown.autoMerge,
        autoMergePausedBecause: shown.autoMergePausedBecause,
        mergeQueue: shown.counts.mergeQueue,
      },
  );
  if (project === undefined) return null;
  const { autoMerge, autoMergePausedBecause, mergeQueue } = project;
  return (
    <Switch
      on={autoMerge}
      label={autoMergePausedBecause === null ? 'Auto-merge' : 'Auto-merge, paused'}
      title={autoMergePausedBecause ?? 'Merge lanes on their own when all gates pass'}
      onToggle={() => void call('project.configure', { projectId: project.id, autoMerge: !autoMerge })}
    >
      <span className="wide">Auto-merge</span>
      {!autoMerge && autoMergePausedBecause !== null && <Caution className="wide">paused</Caution>}
      {mergeQueue > 0 && <span className="tertiary wide">{mergeQueue} in queue</span>}
    </Switch>
  );
}
