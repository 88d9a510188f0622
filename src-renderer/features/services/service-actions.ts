import type { ServiceView } from '#shared/contract/service-views.ts';
import type { Action } from '../../app/action-registry.ts';
import { openServiceDialog } from './dialogs/service-dialogs.ts';
import { askServices } from './services-view-state.ts';
import type { ServiceDeeds } from './use-service-deeds.ts';

/** What of a service decides which actions it has. Changes with what can be done, and not with every number. */
export interface ActionFacts {
  readonly id: ServiceView['id'];
  /** "api", "api of lane-12". */
  readonly title: string;
  /** A replica that a terminal can be opened in. */
  readonly containerId: string | null;
  readonly can: ServiceView['can'];
  readonly rolloutId: NonNullable<ServiceView['rollout']>['rollout']['id'] | null;
  readonly canEnd: boolean;
}

export function actionFacts({ id, name, stack, replicas, can, rollout }: ServiceView): ActionFacts {
  return {
    id,
    title: stack === 'main' ? name : `${name} of ${stack}`,
    containerId: replicas.find(({ state }) => state === 'healthy' || state === 'unhealthy')?.containerId ?? null,
    can,
    rolloutId: rollout?.rollout.id ?? null,
    canEnd: rollout?.can.abort === true,
  };
}

/** What is done, whichever service it is done with. */
export type ServiceVerb =
  | 'edit'
  | 'rollback'
  | 'abort'
  | 'scale'
  | 'restart'
  | 'logs'
  | 'terminal'
  | 'stats'
  | 'load'
  | 'remove';

export interface ServiceAction extends Action {
  readonly verb: ServiceVerb;
  /** The title where the service is plain from the place: "Scale…". */
  readonly label: string;
}

/**
 * What can be done with one service: in the palette always with the selected one, with others once they are searched
 * for; in the menu of its panel.
 */
export function serviceActions(
  facts: ActionFacts,
  deeds: Pick<ServiceDeeds, 'restart'>,
  isSelected: boolean,
): ServiceAction[] {
  const { id, title, containerId, can, canEnd } = facts;
  const of = { group: `Service ${title}`, found: !isSelected } as const;
  const leaving = can.remove ? null : 'It is being removed.';
  const keyed = (shortcut: string): { shortcut: string } | object => (isSelected ? { shortcut } : {});
  return [
    {
      ...of,
      id: `service.edit.${id}`,
      verb: 'edit',
      label: 'Edit and deploy…',
      title: `Edit ${title} and deploy…`,
      icon: 'pencil',
      ...keyed('d'),
      disabledReason: can.deploy ? null : leaving,
      run: () => openServiceDialog({ kind: 'deploy', serviceId: id }),
    },
    {
      ...of,
      id: `service.rollback.${id}`,
      verb: 'rollback',
      label: 'Roll back…',
      title: `Roll back ${title}…`,
      icon: 'undo',
      ...keyed('b'),
      disabledReason: can.rollBack || canEnd ? null : 'It has no revision to go back to.',
      run: () => askServices({ kind: 'roll-back', serviceId: id, toRevision: null }),
    },
    {
      ...of,
      id: `service.abort.${id}`,
      verb: 'abort',
      label: 'End the rollout…',
      title: `End the rollout of ${title}…`,
      icon: 'stop',
      danger: true,
      when: canEnd,
      run: () => askServices({ kind: 'abort', serviceId: id }),
    },
    {
      ...of,
      id: `service.scale.${id}`,
      verb: 'scale',
      label: 'Scale…',
      title: `Scale ${title}…`,
      icon: 'rows',
      disabledReason: can.scale ? null : (leaving ?? 'It runs one on every host.'),
      run: () => askServices({ kind: 'scale', serviceId: id }),
    },
    {
      ...of,
      id: `service.restart.${id}`,
      verb: 'restart',
      label: 'Replace all replicas',
      title: `Replace all replicas of ${title}`,
      icon: 'retry',
      disabledReason: leaving,
      run: () => deeds.restart({ id, name: title }),
    },
    {
      ...of,
      id: `service.logs.${id}`,
      verb: 'logs',
      label: 'Logs',
      title: `Logs of ${title}`,
      icon: 'rows',
      ...keyed('l'),
      run: () => openServiceDialog({ kind: 'logs', serviceId: id, containerId: null }),
    },
    {
      ...of,
      id: `service.terminal.${id}`,
      verb: 'terminal',
      label: 'Terminal',
      title: `Terminal in ${title}`,
      icon: 'terminal',
      ...keyed('t'),
      disabledReason: containerId === null ? 'No replica of it runs.' : null,
      run: () => containerId !== null && openServiceDialog({ kind: 'terminal', serviceId: id, containerId }),
    },
    {
      ...of,
      id: `service.stats.${id}`,
      verb: 'stats',
      label: 'Statistics…',
      title: `Statistics of ${title}`,
      icon: 'board',
      run: () => openServiceDialog({ kind: 'stats', serviceId: id }),
    },
    {
      ...of,
      id: `service.load.${id}`,
      verb: 'load',
      label: 'Prove it…',
      title: `Prove that ${title} loses no request…`,
      icon: 'send',
      run: () => openServiceDialog({ kind: 'load', serviceId: id }),
    },
    {
      ...of,
      id: `service.remove.${id}`,
      verb: 'remove',
      label: 'Remove…',
      title: `Remove ${title}…`,
      icon: 'x',
      danger: true,
      disabledReason: leaving,
      run: () => askServices({ kind: 'remove', serviceId: id }),
    },
  ];
}
