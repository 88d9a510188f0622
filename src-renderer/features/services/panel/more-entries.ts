import { assertDefined } from '#shared/base/assert.ts';
import type { ServiceView } from '#shared/contract/service-views.ts';
import type { MenuEntry } from '../../../ui/overlay/Menu.tsx';
import { openServiceDialog } from '../dialogs/service-dialogs.ts';
import { actionFacts, serviceActions, type ServiceVerb } from '../service-actions.ts';
import type { ServiceDeeds } from '../use-service-deeds.ts';

/** The menu of a service: the actions that have no button of their own, as the palette has them. */
export function moreEntries(service: ServiceView, deeds: Pick<ServiceDeeds, 'restart'>): MenuEntry[] {
  const actions = serviceActions(actionFacts(service), deeds, true);
  const item = (verb: ServiceVerb): MenuEntry => {
    const action = actions.find((each) => each.verb === verb);
    const { group: _group, title: _title, found: _found, when: _when, verb: id, ...rest } = assertDefined(action, verb);
    return { ...rest, kind: 'item', id };
  };
  return [
    item('edit'),
    item('scale'),
    item('restart'),
    { kind: 'separator', id: 'look' },
    item('stats'),
    item('load'),
    { kind: 'separator', id: 'resources' },
    {
      kind: 'item',
      id: 'secrets',
      label: 'Secrets…',
      run: () => openServiceDialog({ kind: 'resources', tab: 'secrets' }),
    },
    {
      kind: 'item',
      id: 'volumes',
      label: 'Volumes…',
      icon: 'disk',
      run: () => openServiceDialog({ kind: 'resources', tab: 'volumes' }),
    },
    { kind: 'separator', id: 'end' },
    item('remove'),
  ];
}
