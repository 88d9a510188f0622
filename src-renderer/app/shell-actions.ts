import { useMemo } from 'react';
import { type Action, useActions } from './action-registry.ts';
import { goTo } from './location.ts';
import { routes } from './routes.ts';
import { themeAfter } from './theme.ts';
import { setUi, useUiState } from './ui-state.ts';

/** Offers what can be done anywhere: views, palette, help, theme, opening a repository. */
export function useShellActions(): void {
  const theme = useUiState((state) => state.theme);
  const hasProject = useUiState((state) => state.projectId !== null);
  const actions = useMemo(
    (): readonly Action[] => [
      ...routes.map(
        (route): Action => ({
          id: `go.${route.id}`,
          title: `Go to ${route.title}`,
          group: 'Views',
          icon: route.icon,
          shortcut: route.shortcut,
          when: hasProject,
          run: () => goTo(route.id),
        }),
      ),
      {
        id: 'go.checkpoints',
        title: 'Roll back to a checkpoint…',
        group: 'Views',
        icon: 'undo',
        when: hasProject,
        run: () => goTo('timeline'),
      },
      {
        id: 'open.palette',
        title: 'Search or run a command',
        group: 'Panel',
        icon: 'search',
        shortcut: 'mod+k',
        run: () => setUi({ overlay: 'palette' }),
      },
      {
        id: 'open.repository',
        title: 'Open a repository…',
        group: 'Panel',
        icon: 'folder',
        shortcut: 'mod+o',
        run: () => setUi({ overlay: 'open-repository' }),
      },
      {
        id: 'open.project-settings',
        title: 'Project settings…',
        group: 'Panel',
        icon: 'settings',
        shortcut: 'mod+,',
        when: hasProject,
        run: () => setUi({ overlay: 'project-settings' }),
      },
      {
        id: 'open.gates',
        title: 'Edit gates…',
        group: 'Panel',
        when: hasProject,
        run: () => setUi({ overlay: 'gates' }),
      },
      {
        id: 'open.help',
        title: 'List shortcuts',
        group: 'Panel',
        shortcut: '?',
        run: () => setUi({ overlay: 'help' }),
      },
      {
        id: 'theme.next',
        title: `Theme: ${theme}. Change to ${themeAfter[theme]}`,
        group: 'Panel',
        icon: 'theme',
        run: () => setUi({ theme: themeAfter[theme] }),
      },
    ],
    [theme, hasProject],
  );
  useActions(actions);
}
