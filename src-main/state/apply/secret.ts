import { ok } from '#shared/base/result.ts';
import { notFound } from './refusal.ts';
import type { Rule } from './step.ts';
import { keepNeeded, nextVersion, refuseInUse, rememberVersion } from './versioned-value.ts';

export const putSecret: Rule<'secret.put'> = (step, { projectId, name, sealed, sizeBytes, atMs }) => {
  if (!step.tables.project.has(projectId)) return notFound(`Project ${projectId}`);
  const known = step.tables.services.secret.get(projectId, name);
  const version = nextVersion(step, 'secret', projectId, name, known);
  const versions = [...(known?.versions ?? []), { version, sealed, sizeBytes, createdAtMs: atMs }];
  step.tables.services.secret.put({ projectId, name, versions: keepNeeded(step, 'secret', projectId, name, versions) });
  return ok({ version });
};

export const rewrapSecret: Rule<'secret.rewrap'> = ({ tables }, { projectId, name, versions }) => {
  const secret = tables.services.secret.get(projectId, name);
  if (secret === null) return notFound(`Secret ${name}`);
  const rewrapped = new Map(versions.map(({ version, sealed }) => [version, sealed]));
  tables.services.secret.put({
    ...secret,
    versions: secret.versions.map((each) => ({ ...each, sealed: rewrapped.get(each.version) ?? each.sealed })),
  });
  return ok(null);
};

export const removeSecret: Rule<'secret.remove'> = (step, { projectId, name }) => {
  const secret = step.tables.services.secret.get(projectId, name);
  if (secret === null) return notFound(`Secret ${name}`);
  const refusal = refuseInUse(step, 'secret', projectId, name);
  if (refusal !== null) return refusal;
  rememberVersion(step, 'secret', secret);
  step.tables.services.secret.remove(secret);
  return ok(null);
};
