import { ok } from '#shared/base/result.ts';
import { notFound } from './refusal.ts';
import type { Rule } from './step.ts';
import { keepNeeded, nextVersion, refuseInUse, rememberVersion } from './versioned-value.ts';

/** The text that it has already makes no new version, so that applying a file twice deploys nothing twice. */
export const putConfig: Rule<'config.put'> = (step, { projectId, name, text, atMs }) => {
  if (!step.tables.project.has(projectId)) return notFound(`Project ${projectId}`);
  const known = step.tables.services.config.get(projectId, name);
  const newest = known?.versions.at(-1);
  if (newest?.text === text) return ok({ version: newest.version });
  const version = nextVersion(step, 'config', projectId, name, known);
  const versions = [...(known?.versions ?? []), { version, text, createdAtMs: atMs }];
  step.tables.services.config.put({ projectId, name, versions: keepNeeded(step, 'config', projectId, name, versions) });
  return ok({ version });
};

export const removeConfig: Rule<'config.remove'> = (step, { projectId, name }) => {
  const config = step.tables.services.config.get(projectId, name);
  if (config === null) return notFound(`Config ${name}`);
  const refusal = refuseInUse(step, 'config', projectId, name);
  if (refusal !== null) return refusal;
  rememberVersion(step, 'config', config);
  step.tables.services.config.remove(config);
  return ok(null);
};
