/** The order in which services of one file are started. */
import type { ServiceName } from '#shared/model/service-ids.ts';

interface Dependent {
  readonly name: ServiceName;
  readonly dependsOn: readonly ServiceName[];
}

/** Services that wait for each other, the first one at both ends; null without any. Names of others are passed over. */
export function findCycle(services: readonly Dependent[]): ServiceName[] | null {
  const byName = new Map(services.map((service) => [service.name, service]));
  const done = new Set<ServiceName>();
  const path: ServiceName[] = [];
  const walk = (name: ServiceName): ServiceName[] | null => {
    const at = path.indexOf(name);
    if (at >= 0) return [...path.slice(at), name];
    if (done.has(name)) return null;
    path.push(name);
    for (const next of byName.get(name)?.dependsOn ?? []) {
      const cycle = walk(next);
      if (cycle !== null) return cycle;
    }
    path.pop();
    done.add(name);
    return null;
  };
  for (const { name } of services) {
    const cycle = walk(name);
    if (cycle !== null) return cycle;
  }
  return null;
}

/** Those that others depend on first, else as they came. They must not wait for each other. */
export function inDependencyOrder<Service extends Dependent>(services: readonly Service[]): Service[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const ordered = new Set<Service>();
  const place = (service: Service): void => {
    if (ordered.has(service)) return;
    for (const name of service.dependsOn) {
      const other = byName.get(name);
      if (other !== undefined) place(other);
    }
    ordered.add(service);
  };
  for (const service of services) place(service);
  return [...ordered];
}
