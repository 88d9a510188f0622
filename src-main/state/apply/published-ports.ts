/** Host ports belong to one service at a time, over all stacks and projects: they are the machine's. */
import { assertDefined } from '#shared/base/assert.ts';
import type { Failure } from '#shared/base/result.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import type { Refusal } from '../command.ts';
import { refuse } from './refusal.ts';
import { titleOf } from './service-title.ts';
import type { Step } from './step.ts';

/** A port of the host, at one of its addresses; a null address stands for any. */
interface HostPort {
  readonly address: string | null;
  readonly port: number;
}

/** What listens at one of these listens at all addresses. */
const everyAddress: ReadonlySet<string> = new Set(['', '0.0.0.0', '::', '*']);

/** The host ports that a spec asks for by number. */
export function publishedPorts(spec: ServiceSpec): HostPort[] {
  return spec.ports.flatMap(({ publish }) =>
    publish === null || publish.port === null ? [] : [{ address: publish.address, port: publish.port }],
  );
}

/** The refusal of a port that another service declares or was given, naming both; or null. */
export function refuseTakenPorts(
  step: Step,
  serviceId: ServiceId,
  ports: readonly HostPort[],
): Failure<Refusal> | null {
  for (const wanted of ports) {
    const owner = ownerOf(step, serviceId, wanted);
    if (owner === null) continue;
    const service = assertDefined(step.tables.services.service.get(owner), 'a port belongs to a service');
    const where = service.state === 'removing' ? ', which is being removed' : '';
    const whose = `service ${titleOf(service)} of project ${service.projectId}${where}`;
    return refuse(
      'port-taken',
      `Port ${wanted.port} of the host belongs to ${whose}. Nothing was changed; choose another port, or take it from that service first.`,
    );
  }
  return null;
}

function ownerOf({ tables }: Step, serviceId: ServiceId, wanted: HostPort): ServiceId | null {
  const { services } = tables;
  // The texts are those of `JSON.stringify`: they find what may meet, and the numbers decide.
  for (const revision of services.currentRevisionsWith(`"port":${wanted.port}`)) {
    if (revision.serviceId === serviceId) continue;
    if (publishedPorts(revision.spec).some((port) => meet(port, wanted))) return revision.serviceId;
  }
  for (const service of services.servicesGiven(`"hostPort":${wanted.port}`)) {
    if (service.id === serviceId) continue;
    if (service.publishedPorts.some(({ hostPort }) => hostPort === wanted.port)) return service.id;
  }
  return null;
}

function meet(one: HostPort, other: HostPort): boolean {
  if (one.port !== other.port) return false;
  if (one.address === null || other.address === null) return true;
  return one.address === other.address || everyAddress.has(one.address) || everyAddress.has(other.address);
}
