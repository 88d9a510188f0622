/** The services' part of a rollback: which ones go to which revision, in which order, and what to know before. */
import type { Checkpoint, RollbackPlan } from '#shared/model/checkpoint.ts';
import type { Revision, Rollout, Service } from '#shared/model/service.ts';
import { mainStack } from '#shared/model/service-ids.ts';

/** One service of the main stack with what the plan needs of it. */
export interface ServiceFacts {
  readonly service: Service;
  /** What serves, or is on its way to. */
  readonly wanted: Revision | null;
  /** The revision that the checkpoint names; null when it is not stored any more. */
  readonly target: Revision | null;
  /** The newest ended rollout that still keeps the replicas of before. */
  readonly keeping: Rollout | null;
}

type PlannedService = RollbackPlan['services'][number];

/**
 * The services that get another revision, those first that others are needed by: a newer service
 * never meets an older one that it depends on.
 */
export function plannedServices(checkpoint: Checkpoint, services: readonly ServiceFacts[]): PlannedService[] {
  const planned: { entry: PlannedService; dependsOn: readonly string[] }[] = [];
  for (const { service, wanted, target, keeping } of services) {
    const toRevision = checkpoint.revisions[service.name];
    if (service.stack !== mainStack || service.state !== 'active' || toRevision === undefined) continue;
    if (target === null || target.digest === null || wanted?.number === toRevision) continue;
    planned.push({
      entry: {
        serviceId: service.id,
        name: service.name,
        fromRevision: wanted?.number ?? null,
        toRevision,
        strategy: target.spec.rollback.strategy,
        note: noteOf(target, keeping),
      },
      dependsOn: wanted?.spec.dependsOn ?? [],
    });
  }
  const ordered: PlannedService[] = [];
  const placed = new Set<string>();
  const place = (item: (typeof planned)[number]): void => {
    if (placed.has(item.entry.name)) return;
    placed.add(item.entry.name);
    for (const other of planned) if (other.dependsOn.includes(item.entry.name)) place(other);
    ordered.push(item.entry);
  };
  for (const item of planned) place(item);
  return ordered;
}

/** Warnings about what a rollback of services does not take back. */
export function serviceWarnings(services: readonly ServiceFacts[], planned: readonly PlannedService[]): string[] {
  const warnings: string[] = [];
  for (const { serviceId, name, toRevision } of planned) {
    const wanted = services.find(({ service }) => service.id === serviceId)?.wanted;
    const volumes = writtenVolumes(wanted ?? null);
    if (volumes.length === 0) continue;
    warnings.push(
      `${name} has written to ${volumes.join(', ')}. The data stays as it is; revision ${toRevision} has to be able to read it. A backup is made first.`,
    );
  }
  return warnings;
}

/** Services that did not exist at the checkpoint: they go on. */
export function laterServices(checkpoint: Checkpoint, services: readonly ServiceFacts[]): string[] {
  return services
    .filter(
      ({ service }) =>
        service.stack === mainStack &&
        service.state === 'active' &&
        service.servingRevision !== null &&
        checkpoint.revisions[service.name] === undefined,
    )
    .map(({ service }) => service.name);
}

function noteOf(target: Revision, keeping: Rollout | null): string | null {
  if (keeping?.fromRevision === target.number) return 'its replicas still run: traffic in 2 s';
  return target.spec.mode.kind === 'replicated' ? replicasText(target.spec.mode.replicas) : 'one on every host';
}

function replicasText(count: number): string {
  return count === 1 ? '1 replica' : `${count} replicas`;
}

function writtenVolumes(revision: Revision | null): string[] {
  return (revision?.spec.mounts ?? []).flatMap((mount) =>
    mount.kind === 'volume' && !mount.readOnly ? [mount.volume] : [],
  );
}
