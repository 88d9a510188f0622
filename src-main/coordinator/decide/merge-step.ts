/** What becomes of a merge: after a rejection, and after a crash in the middle of landing. */
import type { CommitId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { MergeRejection } from '#shared/model/merge.ts';
import type { Project } from '#shared/model/project.ts';

/** What a rejected merge is followed by: back to its lane, or to the person. */
export type AfterRejection =
  | { readonly kind: 'rework'; readonly reason: string; readonly leaseMs: number }
  | { readonly kind: 'fail'; readonly reason: string };

/** One sentence that says why the work did not land. */
export function describeRejection(rejection: MergeRejection): string {
  switch (rejection.kind) {
    case 'conflict': {
      const [first, ...others] = rejection.conflicts.map((conflict) => conflict.path);
      const more = others.length > 0 ? ` and ${others.length} more` : '';
      return `Conflicts with the target in ${first ?? 'its files'}${more}.`;
    }
    case 'gate':
      return `Gate failed: ${rejection.gate}. ${rejection.detail}`.trim();
    case 'withdrawn':
      return rejection.detail;
  }
}

/** Gives the work back while the lane may still be reworked; after that a person decides. */
export function decideAfterRejection(
  rejection: MergeRejection,
  lane: Pick<Lane, 'reworks'>,
  project: Pick<Project, 'reworksMax' | 'leaseMs'>,
): AfterRejection {
  const reason = describeRejection(rejection);
  if (rejection.kind === 'withdrawn') return { kind: 'fail', reason };
  if (lane.reworks < project.reworksMax) return { kind: 'rework', reason, leaseMs: project.leaseMs };
  const tries =
    lane.reworks === 0
      ? ''
      : lane.reworks === 1
        ? ' It was given back once.'
        : ` It was given back ${lane.reworks} times.`;
  return { kind: 'fail', reason: `${reason}${tries}` };
}

/** What is known of a merge that was recorded as landing. */
export interface LandingFacts {
  readonly branchHead: CommitId | null;
  readonly targetCommit: CommitId;
  /** The branch's head is the merge or a descendant of it. */
  readonly containsMerge: boolean;
}

/**
 * `land`: the branch has it, only the record is missing. `move`: the branch is where it was.
 * `requeue`: somebody else moved the branch, so the tested result is outdated.
 */
export function decideLanding(facts: LandingFacts): 'land' | 'move' | 'requeue' {
  if (facts.containsMerge) return 'land';
  return facts.branchHead === null || facts.branchHead === facts.targetCommit ? 'move' : 'requeue';
}
