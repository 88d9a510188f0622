import { useMemo } from 'react';
import type { RevisionView, RolloutView } from '#shared/contract/service-views.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import { useStream, useStreamList } from '../../client/use-stream.ts';

/** The revisions of a service, newest first; none for null. */
export function useRevisions(serviceId: ServiceId | null): readonly RevisionView[] {
  const input = useMemo(() => (serviceId === null ? null : { serviceId }), [serviceId]);
  const list = useStreamList(useStream('service.watchRevisions', input));
  return useMemo(() => list.toSorted((a, b) => b.revision.number - a.revision.number), [list]);
}

/** The rollouts of a service, newest first; none for null. */
export function useRollouts(serviceId: ServiceId | null): readonly RolloutView[] {
  const input = useMemo(() => (serviceId === null ? null : { serviceId }), [serviceId]);
  const list = useStreamList(useStream('service.watchRollouts', input));
  return useMemo(() => list.toSorted((a, b) => b.rollout.number - a.rollout.number), [list]);
}
