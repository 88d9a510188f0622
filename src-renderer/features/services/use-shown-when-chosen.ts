import { type RefObject, useEffect, useRef } from 'react';
import type { ServiceId } from '#shared/model/service-ids.ts';
import { useServicesView } from './services-view-state.ts';

/** For the element of a service: scrolls it into view once a person chooses the service, by a key or a link. */
export function useShownWhenChosen<Element extends HTMLElement>(serviceId: ServiceId): RefObject<Element | null> {
  const element = useRef<Element>(null);
  const isChosen = useServicesView((view) => view.selectedId === serviceId);
  useEffect(() => {
    if (isChosen) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  return element;
}
