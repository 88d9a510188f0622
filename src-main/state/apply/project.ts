import { ok } from '#shared/base/result.ts';
import { notFound, refuse } from './refusal.ts';
import { titleOf } from './service-title.ts';
import type { Rule } from './step.ts';

/** What a project starts with until a person says otherwise. */
const defaults = { autoMerge: true, attemptsMax: 3, reworksMax: 3, leaseMs: 30_000, stallMs: 600_000 } as const;

/** A project that is known keeps how it was configured; only its name and when it was opened are renewed. */
export const openProject: Rule<'project.open'> = ({ tables }, command) => {
  const known = tables.project.get(command.projectId);
  if (known !== null && known.path !== command.path) {
    return refuse(
      'wrong-state',
      `Project ${command.projectId} already names the repository at ${known.path}, so ${command.path} was not opened. ` +
        'Nothing was changed; forget the other project first if it has moved.',
    );
  }
  if (known !== null) {
    tables.project.put({ ...known, name: command.name, openedAtMs: command.atMs });
    return ok(null);
  }
  tables.project.put({
    id: command.projectId,
    path: command.path,
    name: command.name,
    targetBranch: command.targetBranch,
    gates: command.gates,
    ...defaults,
    autoMergePausedBecause: null,
    isDemo: command.isDemo,
    openedAtMs: command.atMs,
  });
  return ok(null);
};

export const configureProject: Rule<'project.configure'> = ({ tables }, { projectId, change }) => {
  const project = tables.project.get(projectId);
  if (project === null) return notFound(`Project ${projectId}`);
  const changed = { ...project, ...change };
  // Who switches auto-merge decides anew why it is off; an old reason must not outlive that.
  if (change.autoMerge !== undefined && change.autoMergePausedBecause === undefined) {
    changed.autoMergePausedBecause = null;
  }
  if (changed.autoMerge && changed.autoMergePausedBecause !== null) {
    return refuse(
      'invalid-input',
      'Auto-merge cannot be on and carry a reason why it is paused. Nothing was changed; send the reason together with autoMerge: false.',
    );
  }
  tables.project.put(changed);
  return ok(null);
};

export const forgetProject: Rule<'project.forget'> = ({ tables }, { projectId }) => {
  const project = tables.project.get(projectId);
  if (project === null) return notFound(`Project ${projectId}`);
  const live = tables.liveLanes(projectId);
  if (live.length > 0) {
    const numbers = live.slice(0, 5).map((lane) => lane.number);
    const more = live.length > numbers.length ? ` and ${live.length - numbers.length} more` : '';
    return refuse(
      'wrong-state',
      `Project ${project.name} still has live lanes (${numbers.join(', ')}${more}). It was kept; stop them first.`,
    );
  }
  if (tables.rollbacksUnderWay(projectId).length > 0) {
    return refuse(
      'wrong-state',
      `A rollback of ${project.name} is under way. The project was kept; wait until the rollback has ended.`,
    );
  }
  const [service, ...others] = tables.services.servicesOf(projectId);
  if (service !== undefined) {
    const more = others.length > 0 ? ` and ${others.length} more` : '';
    return refuse(
      'wrong-state',
      `Project ${project.name} still has services (${titleOf(service)}${more}), of which containers may run. It was kept; remove them first.`,
    );
  }
  tables.removeProject(project);
  return ok(null);
};

export const setFleet: Rule<'fleet.set'> = ({ tables }, { projectId, agent, count }) => {
  if (!tables.project.has(projectId)) return notFound(`Project ${projectId}`);
  if (count > 0) tables.fleet.put({ projectId, agent, count });
  else if (tables.fleet.has(projectId, agent)) tables.fleet.remove({ projectId, agent, count });
  return ok(null);
};
