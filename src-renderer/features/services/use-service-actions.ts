import { useMemo } from 'react';
import type { ServiceView } from '#shared/contract/service-views.ts';
import { type Action, useActions } from '../../app/action-registry.ts';
import { openServiceDialog } from './dialogs/service-dialogs.ts';
import { type ActionFacts, actionFacts, serviceActions } from './service-actions.ts';
import { openService, setServicesView, useServicesView } from './services-view-state.ts';
import { useServiceDeeds } from './use-service-deeds.ts';
import type { Services } from './use-services.ts';

/** Offers what keyboard and palette can do with services; what concerns one concerns the selected one. */
export function useServiceActions(services: Services): void {
  const deeds = useServiceDeeds();
  const isFiltered = useServicesView((view) => view.query !== '' || view.searching);
  const { all, passing, selected } = services;
  const panelOpen = services.opened !== undefined;
  // By value, so that actions change with what can be done and not with every number.
  const key = JSON.stringify(passing.map(({ id, name }) => [id, name]));
  const factsKey = JSON.stringify(all.map(actionFacts));
  const rollout = selected?.rollout ?? null;
  const { id, name } = selected ?? {};
  const rolloutId = rollout?.rollout.id;
  const { promote, pause, resume } = rollout?.can ?? {};

  const actions = useMemo((): readonly Action[] => {
    const places = JSON.parse(key) as readonly (readonly [ServiceView['id'], string])[];
    const step = (by: 1 | -1): void => {
      const at = places.findIndex(([each]) => each === id);
      const next = places[at === -1 ? 0 : Math.min(places.length - 1, Math.max(0, at + by))];
      if (next !== undefined) setServicesView({ selectedId: next[0] });
    };
    const one = (action: Omit<Action, 'group'>): Action => ({
      ...action,
      group: name === undefined ? 'Services' : `Service ${name}`,
      when: id !== undefined && action.when !== false,
    });
    return [
      { id: 'services.next', title: 'Next service', group: 'Services', shortcut: 'j', run: () => step(1) },
      { id: 'services.previous', title: 'Previous service', group: 'Services', shortcut: 'k', run: () => step(-1) },
      {
        id: 'services.filter',
        title: 'Filter services by text',
        group: 'Services',
        icon: 'search',
        shortcut: '/',
        run: () => setServicesView({ searching: true }),
      },
      {
        id: 'services.clear',
        title: 'Clear the filter',
        group: 'Services',
        shortcut: 'escape',
        when: isFiltered && !panelOpen,
        run: () => setServicesView({ query: '', searching: false }),
      },
      {
        id: 'services.new',
        title: 'New service…',
        group: 'Services',
        icon: 'plus',
        run: () => openServiceDialog({ kind: 'deploy', serviceId: null }),
      },
      {
        id: 'services.compose',
        title: 'Import Compose file…',
        group: 'Services',
        icon: 'file',
        run: () => openServiceDialog({ kind: 'compose' }),
      },
      one({
        id: 'service.open',
        title: 'Open the service',
        icon: 'expand',
        shortcut: 'enter',
        when: !panelOpen,
        run: () => id !== undefined && openService(id),
      }),
      one({
        id: 'service.close',
        title: 'Close the service',
        icon: 'x',
        shortcut: 'escape',
        when: panelOpen,
        run: () => setServicesView({ panelOpen: false }),
      }),
      one({
        id: 'service.promote',
        title: 'Promote now',
        when: promote === true,
        run: () => rolloutId !== undefined && deeds.promote(rolloutId),
      }),
      one({
        id: 'service.pause',
        title: 'Pause the rollout',
        icon: 'pause',
        shortcut: 'p',
        when: pause === true,
        run: () => rolloutId !== undefined && deeds.pause(rolloutId),
      }),
      one({
        id: 'service.resume',
        title: 'Resume the rollout',
        icon: 'play',
        shortcut: 'p',
        when: resume === true,
        run: () => rolloutId !== undefined && deeds.resume(rolloutId),
      }),
      ...places.map(
        ([serviceId, serviceName]): Action => ({
          id: `services.find.${serviceId}`,
          title: `Service ${serviceName}`,
          group: 'Services',
          icon: 'services',
          found: true,
          run: () => openService(serviceId),
        }),
      ),
    ];
  }, [key, deeds, id, name, rolloutId, promote, pause, resume, panelOpen, isFiltered]);
  useActions(actions);
  useActions(
    useMemo(
      () =>
        (JSON.parse(factsKey) as readonly ActionFacts[]).flatMap((facts) =>
          serviceActions(facts, deeds, facts.id === id),
        ),
      [factsKey, deeds, id],
    ),
  );
}
