import { CSPProvider } from '@base-ui/react/csp-provider';
import { Suspense, useEffect } from 'react';
import { useHost, useHostClock, useProjects } from '../client/host-streams.ts';
import { useConnection, useStream, useStreamState } from '../client/use-stream.ts';
import { Toasts } from '../ui/overlay/Toasts.tsx';
import { TooltipHost } from '../ui/overlay/Tooltip.tsx';
import { projectToShow } from './current-project.ts';
import { HelpDialog } from './HelpDialog.tsx';
import { fetchViews, lazyView } from './lazy-view.ts';
import { goTo, usePanelLocation } from './location.ts';
import { Palette } from './Palette.tsx';
import { Refused } from './Refused.tsx';
import { routes } from './routes.ts';
import { Shell } from './Shell.tsx';
import { useShellActions } from './shell-actions.ts';
import { useTheme } from './theme.ts';
import { setUi, useUiState } from './ui-state.ts';
import { useShortcuts } from './use-shortcuts.ts';

const Welcome = lazyView(() => import('../features/welcome/Welcome.tsx'));
const OpenRepository = lazyView(() => import('../features/welcome/OpenRepository.tsx'));
const ProjectSettings = lazyView(() => import('../features/settings/ProjectSettingsDialog.tsx'));
const nothing = {};

/** The panel: welcome while no repository is open, else the shell around a view. */
export function App() {
  useTheme();
  return (
    // Base UI would write style elements, which the content security policy has no need to allow.
    <CSPProvider disableStyleElements>
      <TooltipHost>
        <Panel />
        <Toasts />
      </TooltipHost>
    </CSPProvider>
  );
}

function Panel() {
  useShortcuts();
  useShellActions();
  useHostClock();
  const connection = useConnection();
  const known = useStreamState(useStream('project.watch', nothing));
  const isLive = connection.state === 'live';
  useEffect(() => {
    // A view that cannot be fetched now is fetched, or complained of, when it is shown.
    if (isLive) fetchViews().catch((error: unknown) => console.warn('some views are not fetched yet', error));
  }, [isLive]);
  const opening = useUiState((state) => state.overlay === 'open-repository');
  const setting = useUiState((state) => state.overlay === 'project-settings' || state.overlay === 'gates');
  const { viewId } = usePanelLocation();
  const showsShell = useProjectChoice(known.state === 'ready') && viewId !== 'welcome';

  if (connection.state === 'refused') return <Refused code={connection.code} message={connection.message} />;
  const isLoading = known.state === 'loading' && connection.state !== 'reconnecting';
  return (
    <>
      {showsShell ? (
        <Shell />
      ) : (
        !isLoading && (
          <Suspense fallback={null}>
            <Welcome />
          </Suspense>
        )
      )}
      <Palette />
      <HelpDialog />
      {opening && (
        <Suspense fallback={null}>
          <OpenRepository />
        </Suspense>
      )}
      {setting && (
        <Suspense fallback={null}>
          <ProjectSettings />
        </Suspense>
      )}
    </>
  );
}

/** Settles on a project and a view once the projects are known. Answers whether there is a project to show. */
function useProjectChoice(isKnown: boolean): boolean {
  const projects = useProjects(({ id, openedAtMs }) => ({ id, openedAtMs }));
  const host = useHost((known) => known && { startedAtMs: known.startedAtMs, asked: known.asked });
  const shown = useUiState((state) => state.projectId);
  const turnedAtMs = useUiState((state) => state.turnedAtMs);
  const { viewId } = usePanelLocation();
  const wanted = isKnown && host !== undefined ? projectToShow(projects, host, shown, turnedAtMs) : shown;
  useEffect(() => {
    if (!isKnown || host === undefined) return;
    const { asked } = host;
    const isAsked = asked !== null && asked.atMs > turnedAtMs && asked.projectId === wanted;
    if (isAsked) setUi({ turnedAtMs: asked.atMs });
    if (wanted !== shown) setUi({ projectId: wanted, laneId: null });
    const isView = routes.some((route) => route.id === viewId);
    if (wanted === null && viewId !== 'welcome') goTo('welcome');
    else if (wanted !== null && (viewId === 'welcome' ? isAsked : !isView)) goTo(routes[0]?.id ?? 'welcome');
  }, [isKnown, host, wanted, shown, turnedAtMs, viewId]);
  return isKnown && wanted !== null;
}
