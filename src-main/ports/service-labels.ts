/**
 * The labels that Gantry's containers, networks and volumes carry. They are the only memory of
 * what a container is: whatever the app forgets, it reads there again. Nothing without them is
 * ever touched.
 */
import type { ProjectId } from '#shared/model/ids.ts';
import type { ServiceId, StackName } from '#shared/model/service-ids.ts';

export const serviceLabel = {
  managed: 'gantry.managed',
  /** The data folder that made it: two Gantrys on one engine do not touch each other's things. */
  instance: 'gantry.instance',
  project: 'gantry.project',
  stack: 'gantry.stack',
  service: 'gantry.service',
  role: 'gantry.role',
  revision: 'gantry.revision',
  template: 'gantry.template',
  slot: 'gantry.slot',
  attempt: 'gantry.attempt',
  /** Of keepers and what they hold: names the set of secrets. */
  secrets: 'gantry.secrets',
} as const;

/** What a managed container is for. */
export type ContainerRole = 'replica' | 'edge' | 'keeper' | 'helper';

/** Labels of everything that belongs to a stack. */
export function stackLabels(instance: string, projectId: ProjectId, stack: StackName): Record<string, string> {
  return {
    [serviceLabel.managed]: 'true',
    [serviceLabel.instance]: instance,
    [serviceLabel.project]: projectId,
    [serviceLabel.stack]: stack,
  };
}

/** Labels of a container of a service. */
export function containerLabels(
  instance: string,
  projectId: ProjectId,
  stack: StackName,
  serviceId: ServiceId,
  role: ContainerRole,
): Record<string, string> {
  return {
    ...stackLabels(instance, projectId, stack),
    [serviceLabel.service]: serviceId,
    [serviceLabel.role]: role,
  };
}

/** The network of a stack, and the beginning of all names in it. */
export function networkName(instance: string, projectId: ProjectId, stack: StackName): string {
  return `gantry-${instance}-${projectId}-${stack}`;
}
