import type { ServiceView } from '#shared/contract/service-views.ts';

/**
 * Services in their place, which does not change with how they fare: those that nothing depends on
 * first, then what they depend on, by name within. A circle of dependencies keeps the order of names.
 */
export function serviceOrder<Service extends Pick<ServiceView, 'name' | 'dependsOn'>>(
  services: readonly Service[],
): Service[] {
  const byName = new Map<string, Service>(services.map((service) => [service.name, service]));
  const needed = new Map<string, string[]>();
  for (const { name, dependsOn } of services) {
    for (const other of dependsOn) needed.set(other, [...(needed.get(other) ?? []), name]);
  }
  const depths = new Map<string, number>();
  const depthOf = (name: string, path: ReadonlySet<string>): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    let depth = 0;
    for (const other of needed.get(name) ?? []) {
      if (!path.has(other) && byName.has(other)) depth = Math.max(depth, depthOf(other, new Set([...path, other])) + 1);
    }
    // Within a circle the depth depends on where it was entered, so it is not kept for others.
    if (path.size === 1) depths.set(name, depth);
    return depth;
  };
  const depth = new Map(services.map(({ name }) => [name as string, depthOf(name, new Set([name]))]));
  return services.toSorted(
    (a, b) => (depth.get(a.name) ?? 0) - (depth.get(b.name) ?? 0) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}
