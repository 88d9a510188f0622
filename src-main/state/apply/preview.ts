import { ok } from '#shared/base/result.ts';
import { notFound, refuse } from './refusal.ts';
import type { Rule } from './step.ts';

export const putPreview: Rule<'preview.put'> = ({ tables }, command) => {
  const { projectId, stack, laneId, fileName, state, detail, atMs } = command;
  const lane = tables.lane.get(laneId);
  if (lane?.projectId !== projectId) return notFound(`Lane ${laneId}`);
  if (stack !== `lane-${lane.number}`) {
    return refuse(
      'invalid-input',
      `The preview of lane ${lane.number} is lane-${lane.number}, not ${stack}. Nothing was changed; use that name.`,
    );
  }
  const known = tables.services.preview.get(projectId, stack);
  const createdAtMs = known?.createdAtMs ?? atMs;
  tables.services.preview.put({ stack, projectId, laneId, fileName, state, detail, createdAtMs });
  return ok(null);
};

export const forgetPreview: Rule<'preview.forget'> = ({ tables }, { projectId, stack }) => {
  const preview = tables.services.preview.get(projectId, stack);
  if (preview === null) return notFound(`Preview ${stack}`);
  const left = tables.services.servicesIn(projectId, stack).map((service) => service.name);
  if (left.length > 0) {
    return refuse(
      'wrong-state',
      `The preview ${stack} still has services (${left.join(', ')}). It was kept; remove them first.`,
    );
  }
  tables.services.preview.remove(preview);
  return ok(null);
};
