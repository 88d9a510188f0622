import { create } from 'zustand';
import type { TaskId } from '#shared/model/ids.ts';

/** What lies over the view: a task, the form of a new one, a plan, or the question whether to cancel. */
export type TaskOverlay =
  | { readonly kind: 'none' }
  | { readonly kind: 'add' }
  | { readonly kind: 'load' }
  | { readonly kind: 'task'; readonly taskId: TaskId }
  | { readonly kind: 'cancel'; readonly taskId: TaskId };

/** What the person has chosen to see of the tasks. */
interface TasksViewState {
  readonly mode: 'board' | 'list';
  readonly query: string;
  readonly searching: boolean;
  /** Buckets that are opened, or closed where they are open by themselves. */
  readonly toggled: ReadonlySet<string>;
  readonly selected: TaskId | null;
  readonly overlay: TaskOverlay;
  set(change: Partial<Omit<TasksViewState, 'set'>>): void;
}

export const useTasksView = create<TasksViewState>()((set) => ({
  mode: 'board',
  query: '',
  searching: false,
  toggled: new Set(),
  selected: null,
  overlay: { kind: 'none' },
  set: (change) => set(change),
}));

/** Changes what is shown, from outside a component. */
export function setTasksView(change: Partial<Omit<TasksViewState, 'set'>>): void {
  useTasksView.getState().set(change);
}

/** Opens or closes a bucket of the board. */
export function toggleBucket(id: string): void {
  const next = new Set(useTasksView.getState().toggled);
  if (!next.delete(id)) next.add(id);
  setTasksView({ toggled: next });
}

/** Opens a task. */
export function openTask(taskId: TaskId): void {
  setTasksView({ overlay: { kind: 'task', taskId }, selected: taskId });
}

/** Takes away what lies over the view. */
export function closeOverlay(): void {
  setTasksView({ overlay: { kind: 'none' } });
}
