/** Which lanes will collide, from facts that `git merge-tree` gave. */
import type { Collision } from '#shared/contract/views.ts';
import type { CommitId, LaneId } from '#shared/model/ids.ts';
import type { Merge } from '#shared/model/merge.ts';

/** What a live lane's worktree holds now. */
export interface LaneSnapshot {
  readonly laneId: LaneId;
  readonly number: number;
  readonly commit: CommitId;
  /** Paths that differ from what the lane was built on. */
  readonly changedPaths: readonly string[];
}

/** Two lanes that touch a path in common, the lower number first. */
export interface LanePair {
  readonly first: LaneSnapshot;
  readonly second: LaneSnapshot;
}

/** A trial merge that cannot decide these paths. `second` null stands for the target. */
export interface TrialConflict {
  readonly first: LaneSnapshot;
  readonly second: LaneSnapshot | null;
  readonly paths: readonly string[];
}

/** No more than this many collisions are kept for one lane. */
export const collisionsMax = 20;

/**
 * Those that have waited longest, at most `lanesMax`. Busy lanes change between any two looks:
 * without turns the last of many would never be looked at. `lookedAt`: the pass of the last look.
 */
export function lanesToLookAt<Lane extends { readonly id: LaneId }>(
  changed: readonly Lane[],
  lookedAt: ReadonlyMap<LaneId, number>,
  lanesMax: number,
): Lane[] {
  const lastLook = (lane: Lane): number => lookedAt.get(lane.id) ?? 0;
  return changed.toSorted((a, b) => lastLook(a) - lastLook(b)).slice(0, lanesMax);
}

/** Pairs worth a trial merge, at most `pairsMax`: only lanes that change the same path can collide. */
export function pairsToTry(snapshots: readonly LaneSnapshot[], pairsMax: number): LanePair[] {
  const byPath = new Map<string, LaneSnapshot[]>();
  for (const snapshot of snapshots) {
    for (const path of snapshot.changedPaths) {
      const touching = byPath.get(path);
      if (touching) touching.push(snapshot);
      else byPath.set(path, [snapshot]);
    }
  }
  const pairs = new Map<string, LanePair>();
  for (const touching of byPath.values()) {
    for (const [index, left] of touching.entries()) {
      for (const right of touching.slice(index + 1)) {
        if (pairs.size >= pairsMax) return [...pairs.values()];
        const [first, second] = left.number < right.number ? [left, right] : [right, left];
        pairs.set(`${first.laneId} ${second.laneId}`, { first, second });
      }
    }
  }
  return [...pairs.values()];
}

/** The collisions of each lane, as its row shows them. */
export function collisionsOf(conflicts: readonly TrialConflict[]): Map<LaneId, Collision[]> {
  const collisions = new Map<LaneId, Collision[]>();
  const add = (lane: LaneSnapshot, other: LaneSnapshot | null, path: string): void => {
    const known = collisions.get(lane.laneId) ?? [];
    if (known.length < collisionsMax) {
      known.push({ laneId: other?.laneId ?? null, laneNumber: other?.number ?? null, path });
    }
    collisions.set(lane.laneId, known);
  };
  for (const { first, second, paths } of conflicts) {
    for (const path of paths) {
      add(first, second, path);
      if (second) add(second, first, path);
    }
  }
  return collisions;
}

/**
 * The collisions that still tell something: a merge that is gated or landing was made on top of
 * the target without a conflict, so what was foreseen against an earlier target is void.
 */
export function standingCollisions(collisions: readonly Collision[], newestMerge: Merge | null): Collision[] {
  const isOnTarget = newestMerge?.stage === 'gating' || newestMerge?.stage === 'landing';
  return collisions.filter((collision) => !(isOnTarget && collision.laneId === null));
}
