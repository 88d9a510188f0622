import { ok } from '#shared/base/result.ts';
import { localHost } from '#shared/model/service-ids.ts';
import { notFound, refuse } from './refusal.ts';
import { currentRevisions } from './revision.ts';
import { isSameValue } from './same-value.ts';
import { titleOf } from './service-title.ts';
import type { Rule } from './step.ts';

export const putVolume: Rule<'volume.put'> = ({ tables }, { projectId, stack, name, driver, options, atMs }) => {
  if (!tables.project.has(projectId)) return notFound(`Project ${projectId}`);
  const known = tables.services.volume.get(projectId, stack, name);
  if (known === null) {
    tables.services.volume.put({ projectId, stack, name, driver, options, hostId: null, createdAtMs: atMs });
    return ok(null);
  }
  if (known.driver === driver && isSameValue(known.options, options)) return ok(null);
  return refuse(
    'wrong-state',
    `Volume ${titleOf(known)} was declared with another driver or other options, and its data is there. It was left as it was; use another name, or remove it with its data first.`,
  );
};

export const placeVolume: Rule<'volume.place'> = ({ tables }, { projectId, stack, name, hostId }) => {
  const volume = tables.services.volume.get(projectId, stack, name);
  if (volume === null) return notFound(`Volume ${name} of ${stack}`);
  if (volume.hostId === hostId) return ok(null);
  if (volume.hostId !== null) {
    return refuse(
      'wrong-state',
      `The data of volume ${titleOf(volume)} is on ${volume.hostId} and cannot be on ${hostId} too. It was left as it was; run what needs it there.`,
    );
  }
  if (hostId !== localHost && !tables.services.host.has(hostId)) return notFound(`Host ${hostId}`);
  tables.services.volume.put({ ...volume, hostId });
  return ok(null);
};

export const removeVolume: Rule<'volume.remove'> = (step, { projectId, stack, name }) => {
  const { services } = step.tables;
  const volume = services.volume.get(projectId, stack, name);
  if (volume === null) return notFound(`Volume ${name} of ${stack}`);
  const user = services
    .servicesIn(projectId, stack)
    .filter((service) => service.state === 'active')
    .find((service) =>
      currentRevisions(step, service).some(({ spec }) =>
        spec.mounts.some((mount) => mount.kind === 'volume' && mount.volume === name),
      ),
    );
  if (user !== undefined) {
    return refuse(
      'wrong-state',
      `Service ${titleOf(user)} mounts the volume ${titleOf(volume)}. It was kept with its data; remove that service, or deploy it without the volume, first.`,
    );
  }
  services.volume.remove(volume);
  return ok(null);
};
