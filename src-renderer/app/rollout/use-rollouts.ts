import { useMemo } from 'react';
import type { RevisionView, RolloutView } from '#shared/contract/service-views.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import type { StreamState } from '../../client/live-map.ts';
import { useStream, useStreamList, useStreamState } from '../../client/use-stream.ts';

/** The revisions of a service, newest first, and whether they are known; none for null. */
export function useRevisions(serviceId: ServiceId | null): {
  readonly revisions: readonly RevisionView[];
  readonly state: StreamState;
} {
  const input = useMemo(() => (serviceId === null ? null : { serviceId }), [serviceId]);
  const stream = useStream('service.watchRevisions', input);
  const list = useStreamList(stream);
  const state = useStreamState(stream);
  const revisions = useMemo(() => list.toSorted((a, b) => b.revision.number - a.revision.number), [list]);
  return { revisions, state };
}

/** The rollouts of a service, newest first; none for null. */
export function useRollouts(serviceId: ServiceId | null): readonly RolloutView[] {
  const input = useMemo(() => (serviceId === null ? null : { serviceId }), [serviceId]);
  const list = useStreamList(useStream('service.watchRollouts', input));
  return useMemo(() => list.toSorted((a, b) => b.rollout.number - a.rollout.number), [list]);
}
