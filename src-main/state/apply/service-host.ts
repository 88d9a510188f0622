import { ok } from '#shared/base/result.ts';
import { localHost } from '#shared/model/service-ids.ts';
import { notFound, refuse } from './refusal.ts';
import type { Rule } from './step.ts';

export const putHost: Rule<'host.put'> = ({ tables }, { host }) => {
  tables.services.host.put(host);
  return ok(null);
};

export const removeHost: Rule<'host.remove'> = ({ tables }, { hostId }) => {
  if (hostId === localHost) {
    return refuse(
      'wrong-state',
      'The engine of this machine cannot be removed. It was kept; drain it, so that nothing runs there.',
    );
  }
  const host = tables.services.host.get(hostId);
  if (host === null) return notFound(`Host ${hostId}`);
  tables.services.host.remove(host);
  return ok(null);
};
