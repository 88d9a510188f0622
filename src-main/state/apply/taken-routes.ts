/** A host with a path leads to one service of a stack at a time: the ingress could not tell two apart. */
import { assertDefined } from '#shared/base/assert.ts';
import type { Failure } from '#shared/base/result.ts';
import { routeKey } from '#shared/model/route-key.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import type { Refusal } from '../command.ts';
import type { ServiceRow } from '../service-columns.ts';
import { refuse } from './refusal.ts';
import { currentRevisions } from './revision.ts';
import { titleOf } from './service-title.ts';
import type { Step } from './step.ts';

/** The refusal of a route that another service of the stack has, or is about to have; or null. */
export function refuseTakenRoutes(
  step: Step,
  { projectId, stack, name }: Pick<ServiceRow, 'projectId' | 'stack' | 'name'>,
  { routes }: Pick<ServiceSpec, 'routes'>,
): Failure<Refusal> | null {
  const wanted = new Map(routes.map((route) => [routeKey(route), route]));
  if (wanted.size === 0) return null;
  for (const other of step.tables.services.servicesIn(projectId, stack)) {
    if (other.name === name || other.state === 'removing') continue;
    const theirs = currentRevisions(step, other).flatMap(({ spec }) => spec.routes.map(routeKey));
    const key = theirs.find((each) => wanted.has(each));
    if (key === undefined) continue;
    const { host, path } = assertDefined(wanted.get(key), 'it is one of those that are wanted');
    return refuse(
      'wrong-state',
      `The route ${host ?? ''}${path} belongs to service ${titleOf(other)}. Nothing was changed; choose another host or path, or take it from that service first.`,
    );
  }
  return null;
}
