import type { TaskView } from '#shared/contract/views.ts';
import type { TaskKey } from '#shared/model/ids.ts';
import { criticalChain } from './task-forecast.ts';
import { isOver } from './task-bucket.ts';

/** A dependency that the board draws. */
export interface BoardLink {
  readonly from: TaskKey;
  readonly to: TaskKey;
  readonly critical: boolean;
}

/** Where a card stands, in px from the board's corner. */
export interface CardPlace {
  readonly left: number;
  readonly right: number;
  readonly middle: number;
}

/**
 * The dependencies along the critical path: its own steps, what its first task was built on
 * last, and the open tasks that its later ones wait for besides.
 */
export function boardLinks(tasks: readonly TaskView[]): BoardLink[] {
  const chain = criticalChain(tasks);
  if (chain.length < 2) return [];
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const links: BoardLink[] = [];
  const origin = lastMerged(chain[0], byKey);
  if (origin !== null && chain[0] !== undefined) links.push({ from: origin, to: chain[0].key, critical: true });
  chain.forEach((task, at) => {
    const before = chain[at - 1];
    if (before === undefined) return;
    links.push({ from: before.key, to: task.key, critical: true });
    for (const key of task.dependsOn) {
      const other = byKey.get(key);
      if (other !== undefined && !isOver(other) && !other.critical)
        links.push({ from: key, to: task.key, critical: false });
    }
  });
  return links;
}

/** The done task that the critical path goes on from; null when it begins anew. */
export function criticalOrigin(tasks: readonly TaskView[]): TaskKey | null {
  return lastMerged(criticalChain(tasks)[0], new Map(tasks.map((task) => [task.key, task])));
}

function lastMerged(task: TaskView | undefined, byKey: ReadonlyMap<TaskKey, TaskView>): TaskKey | null {
  let last: { key: TaskKey; atMs: number } | null = null;
  for (const key of task?.dependsOn ?? []) {
    const status = byKey.get(key)?.status;
    if (status?.state === 'merged' && status.atMs > (last?.atMs ?? 0)) last = { key, atMs: status.atMs };
  }
  return last?.key ?? null;
}

const bend = 8;

/** The line from one card to another, and the arrow at its end. */
export function linkPath(
  from: CardPlace,
  to: CardPlace,
  critical: boolean,
): { readonly line: string; readonly arrow: string } {
  const arrow = `M${to.left - 6} ${to.middle - 4}l6 4-6 4z`;
  const down = to.middle > from.middle ? 1 : -1;
  if (Math.abs(from.left - to.left) < 20) {
    const x = from.left - (critical ? 12 : 8);
    const line =
      `M${from.left} ${from.middle + 10}H${x + bend}q${-bend} 0 ${-bend} ${bend * down}` +
      `V${to.middle - bend * down}q0 ${bend * down} ${bend} ${bend * down}H${to.left - 1}`;
    return { line, arrow };
  }
  if (Math.abs(to.middle - from.middle) < 2) return { line: `M${from.right} ${from.middle}H${to.left}`, arrow };
  const x = from.right + (to.left - from.right) * 0.42;
  const line =
    `M${from.right} ${from.middle}H${x - bend}q${bend} 0 ${bend} ${bend * down}` +
    `V${to.middle - bend * down}q0 ${bend * down} ${bend} ${bend * down}H${to.left - 1}`;
  return { line, arrow };
}
