/**
 * The first cycle that can be reached from `starts`, as a path whose last key is its first
 * again; null when there is none. Keys are visited in the order given. Iterative, so that a
 * chain of any length fits.
 */
export function findCycle<Key>(starts: readonly Key[], dependenciesOf: (key: Key) => readonly Key[]): Key[] | null {
  const finished = new Set<Key>();
  for (const start of starts) {
    if (finished.has(start)) continue;
    const path: { key: Key; dependencies: readonly Key[]; next: number }[] = [];
    const onPath = new Set<Key>();
    const enter = (key: Key): void => {
      path.push({ key, dependencies: dependenciesOf(key), next: 0 });
      onPath.add(key);
    };
    enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const dependency = top.dependencies[top.next];
      top.next += 1;
      if (dependency === undefined) {
        path.pop();
        onPath.delete(top.key);
        finished.add(top.key);
      } else if (onPath.has(dependency)) {
        const keys = path.map((step) => step.key);
        return [...keys.slice(keys.indexOf(dependency)), dependency];
      } else if (!finished.has(dependency)) {
        enter(dependency);
      }
    }
  }
  return null;
}
