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
    services: (projectId) => current().services(projectId),
    allServices: () => current().allServices(),
    service: (id) => current().service(id),
    revisions: (serviceId, limit) => current().revisions(serviceId, limit),
    revision: (serviceId, number) => current().revision(serviceId, number),
    rollouts: (serviceId, limit) => current().rollouts(serviceId, limit),
    keepingRollout: (serviceId) => current().keepingRollout(serviceId),
    lastRollout: (serviceId) => current().lastRollout(serviceId),
    rollout: (id) => current().rollout(id),
    openRollouts: () => current().openRollouts(),
    secrets: (projectId) => current().secrets(projectId),
    secret: (projectId, name) => current().secret(projectId, name),
    configs: (projectId) => current().configs(projectId),
    config: (projectId, name) => current().config(projectId, name),
    volumes: (projectId) => current().volumes(projectId),
    volume: (projectId, stack, name) => current().volume(projectId, stack, name),
    serviceHosts: () => current().serviceHosts(),
    previews: (projectId) => current().previews(projectId),
    preview: (projectId, stack) => current().preview(projectId, stack),
  };
}
