import { useCallback, useState } from 'react';
import type { ProjectView } from '#shared/contract/views.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import { goTo } from '../../app/location.ts';
import { setUi } from '../../app/ui-state.ts';
import { errorText } from '../../app/use-call.ts';
import { useClient } from '../../client/ClientContext.tsx';

/** Shows a project that is on the list. */
export function showProject(projectId: ProjectId): void {
  setUi({ projectId, laneId: null, overlay: 'none' });
  goTo('lanes');
}

/** Opens a repository or the demo, and says in place why that did not work. */
export function useOpening() {
  const client = useClient();
  const [opening, setOpening] = useState<'path' | 'demo' | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  const settle = useCallback(async (kind: 'path' | 'demo', opened: Promise<ProjectView>): Promise<void> => {
    setOpening(kind);
    setProblem(null);
    try {
      showProject((await opened).id);
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setOpening(null);
    }
  }, []);

  return {
    opening,
    /** Whole sentences from the host: what happened, what was kept, what to do. */
    problem,
    openPath: useCallback((path: string) => settle('path', client.call('project.open', { path })), [client, settle]),
    openDemo: useCallback(() => settle('demo', client.call('project.openDemo', {})), [client, settle]),
    clearProblem: useCallback(() => setProblem(null), []),
  };
}
