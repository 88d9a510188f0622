/** A `StateReader` that always reads from where the feed says is furthest. */
import type { StateReader } from '../../state/control-store.ts';

/** Asks `current` anew for each call. */
export function currentReader(current: () => StateReader): StateReader {
  return {
    appliedIndex: () => current().appliedIndex(),
    projects: () => current().projects(),
    project: (id) => current().project(id),
    fleet: (projectId) => current().fleet(projectId),
    tasks: (projectId) => current().tasks(projectId),
    task: (id) => current().task(id),
    lanes: (projectId, filter) => current().lanes(projectId, filter),
    lane: (id) => current().lane(id),
    merges: (projectId, filter) => current().merges(projectId, filter),
    merge: (id) => current().merge(id),
    checkpoints: (projectId, limit) => current().checkpoints(projectId, limit),
    checkpoint: (id) => current().checkpoint(id),
    rollbacks: (projectId) => current().rollbacks(projectId),
    rollback: (id) => current().rollback(id),
    setting: (key) => current().setting(key),
  };
}
