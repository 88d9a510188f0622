import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';
import type { AgentRef } from '#shared/model/agent.ts';
import type { LaneId, ProjectId } from '#shared/model/ids.ts';

export type Theme = 'system' | 'light' | 'dark';
export type Density = 'default' | 'compact';
export type LaneTab = 'events' | 'log' | 'diff' | 'gates';

/** What the person has chosen to see: nothing here comes from the host. */
interface UiState {
  readonly theme: Theme;
  readonly density: Density;
  readonly projectId: ProjectId | null;
  /** When a start of the app asked for a project that this panel turned to; 0 for never. By the host's clock. */
  readonly turnedAtMs: number;
  readonly spawnAgent: AgentRef | null;
  readonly spawnCount: number;
  readonly laneId: LaneId | null;
  readonly laneTab: LaneTab;
  readonly overlay: 'none' | 'palette' | 'help' | 'open-repository' | 'project-settings' | 'gates';
  set(change: Partial<Omit<UiState, 'set'>>): void;
}

export const useUiState = create<UiState>()(
  persist(
    (set) => ({
      theme: 'system',
      density: 'default',
      projectId: null,
      turnedAtMs: 0,
      spawnAgent: null,
      spawnCount: 3,
      laneId: null,
      laneTab: 'events',
      overlay: 'none',
      set: (change) => set(change),
    }),
    {
      name: 'gantry.panel',
      storage: createJSONStorage(() => localStorage),
      partialize: ({ theme, density, projectId, turnedAtMs, spawnAgent, spawnCount }) => ({
        theme,
        density,
        projectId,
        turnedAtMs,
        spawnAgent,
        spawnCount,
      }),
    },
  ),
);

/** Changes what is shown, from outside a component. */
export function setUi(change: Partial<Omit<UiState, 'set'>>): void {
  useUiState.getState().set(change);
}
