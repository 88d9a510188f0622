import type { Checkpoint, Rollback } from '#shared/model/checkpoint.ts';
import type { BranchName, CheckpointId, CommitId, LaneId, RollbackId, TaskId } from '#shared/model/ids.ts';
import { countOfNumberRanges } from '#shared/model/number-ranges.ts';
import type { RolloutId, ServiceId } from '#shared/model/service-ids.ts';
import { counted, seconds } from '../../app/text.ts';

/** The kinds of entries that the chips tell apart. */
export type EntryKind = 'merge' | 'deploy' | 'rollback' | 'yours' | 'outside' | 'opened';

/** One row of the timeline, in the words that it shows. */
export interface TimelineEntry {
  readonly id: CheckpointId;
  readonly kind: EntryKind;
  readonly number: number;
  readonly atMs: number;
  /** What it is called in one short word: a task's key, a rollback's number, who made it. */
  readonly name: string;
  readonly title: string;
  readonly branch: BranchName;
  /** The commit that the target had afterwards; null while the step is under way. */
  readonly commit: CommitId | null;
  /** Stands before the commit, as in "main at 6f0e913". */
  readonly place: string | null;
  /** Facts after the commit, without the counts of lines. */
  readonly facts: readonly string[];
  readonly added: number | null;
  readonly removed: number | null;
  /** "R-3", where a rollback took its effect away. */
  readonly undoneBy: string | null;
  /** The rollback that can be taken back here. */
  readonly undo: { readonly rollbackId: RollbackId; readonly name: string } | null;
  /** Where the lane's branch began. */
  readonly baseCommit: CommitId | null;
  /** What was rolled out; null for all but deploys. */
  readonly deploy: { readonly serviceId: ServiceId; readonly rolloutId: RolloutId } | null;
}

/** What a lane adds to the merge that it made. */
export interface MergedLane {
  readonly agentName: string;
  readonly baseCommit: CommitId | null;
}

const kindOf: Record<Checkpoint['kind'], EntryKind> = {
  merge: 'merge',
  rollback: 'rollback',
  undo: 'rollback',
  manual: 'yours',
  deploy: 'deploy',
  outside: 'outside',
  opened: 'opened',
};

/** The rows of the timeline, newest first. */
export function timelineEntries(
  checkpoints: readonly Checkpoint[],
  rollbacks: readonly Rollback[],
  lanes: ReadonlyMap<LaneId, MergedLane>,
): TimelineEntry[] {
  const byId = new Map(rollbacks.map((rollback) => [rollback.id, rollback]));
  return checkpoints
    .toSorted((a, b) => b.number - a.number)
    .map((checkpoint) => {
      const rollback = checkpoint.rollbackId === null ? undefined : byId.get(checkpoint.rollbackId);
      const undoneBy = checkpoint.undoneBy === null ? undefined : byId.get(checkpoint.undoneBy);
      const lane = checkpoint.laneId === null ? undefined : lanes.get(checkpoint.laneId);
      const { changes } = checkpoint;
      return {
        id: checkpoint.id,
        kind: kindOf[checkpoint.kind],
        number: checkpoint.number,
        atMs: checkpoint.atMs,
        name: nameOf(checkpoint, rollback),
        title: titleOf(checkpoint, rollback),
        branch: checkpoint.branch,
        commit: checkpoint.afterCommit,
        place: checkpoint.kind === 'manual' || checkpoint.kind === 'opened' ? `${checkpoint.branch} at` : null,
        facts: factsOf(checkpoint, rollback, lane),
        added: changes === null ? null : changes.added,
        removed: changes === null ? null : changes.removed,
        undoneBy: undoneBy === undefined ? null : rollbackName(undoneBy),
        undo:
          checkpoint.kind === 'rollback' && rollback?.stage === 'done'
            ? { rollbackId: rollback.id, name: rollbackName(rollback) }
            : null,
        baseCommit: lane?.baseCommit ?? null,
        deploy: deployOf(checkpoint),
      };
    });
}

/** "R-3" */
export function rollbackName(rollback: Pick<Rollback, 'number'>): string {
  return `R-${rollback.number}`;
}

/** "T-21" of "parcel-3f2a9c:T-21". */
export function taskKeyOf(taskId: TaskId): string {
  return taskId.slice(taskId.indexOf(':') + 1);
}

/** The first seven digits of a commit, as git shows them. */
export function shortCommit(commit: CommitId): string {
  return commit.slice(0, 7);
}

function deployOf({ kind, serviceId, rolloutId }: Checkpoint): TimelineEntry['deploy'] {
  return kind === 'deploy' && serviceId !== null && rolloutId !== null ? { serviceId, rolloutId } : null;
}

/** "api" of "parcel-3f2a9c/main/api". */
export function serviceNameOf(serviceId: string): string {
  return serviceId.slice(serviceId.lastIndexOf('/') + 1);
}

function nameOf(checkpoint: Checkpoint, rollback: Rollback | undefined): string {
  switch (checkpoint.kind) {
    case 'merge':
      return checkpoint.taskId === null ? 'merge' : taskKeyOf(checkpoint.taskId);
    case 'rollback':
      return rollback === undefined ? 'rollback' : rollbackName(rollback);
    case 'undo':
      return rollback === undefined ? 'undo' : rollbackName(rollback);
    case 'manual':
      return 'you';
    case 'deploy':
      return checkpoint.serviceId === null ? 'deploy' : serviceNameOf(checkpoint.serviceId);
    case 'outside':
      return 'outside';
    case 'opened':
      return 'start';
  }
}

function titleOf(checkpoint: Checkpoint, rollback: Rollback | undefined): string {
  if (checkpoint.kind === 'manual') return `Checkpoint “${checkpoint.label}”`;
  if (checkpoint.kind !== 'rollback' || rollback === undefined) return checkpoint.label;
  const reverted = revertedTasks(rollback);
  const title = servicesBack(rollback) ?? checkpoint.label;
  return reverted === null ? title : `${title}, ${reverted} reverted`;
}

/** "Rolled back billing to revision 4"; null when no service went back. */
function servicesBack({ services }: Rollback): string | null {
  const [first] = services;
  if (first === undefined) return null;
  if (services.length > 1) return `Rolled back ${counted(services.length, 'service')}`;
  return `Rolled back ${serviceNameOf(first.serviceId)} to revision ${first.toRevision}`;
}

/** "T-61", "T-61 and T-58", "3 tasks"; null when none was reopened. */
export function revertedTasks(rollback: Rollback): string | null {
  const keys = rollback.taskIds.map(taskKeyOf);
  if (keys.length === 0) return null;
  return keys.length <= 2 ? keys.join(' and ') : counted(keys.length, 'task');
}

function factsOf(checkpoint: Checkpoint, rollback: Rollback | undefined, lane: MergedLane | undefined): string[] {
  const facts: string[] = [];
  if (lane !== undefined) facts.push(lane.agentName);
  if (checkpoint.changes !== null) facts.push(counted(checkpoint.changes.files, 'file'));
  if (checkpoint.kind === 'rollback' && rollback !== undefined) {
    if (rollback.services.length > 0) facts.push(counted(rollback.services.length, 'service'));
    if (rollback.taskIds.length > 0 || rollback.services.length === 0)
      facts.push(`${counted(rollback.taskIds.length, 'task')} reopened`);
    if (rollback.undo == null && rollback.endedAtMs !== null)
      facts.push(seconds(rollback.endedAtMs - rollback.startedAtMs));
    if (rollback.stage === 'undone') facts.push('taken back');
  }
  const tasks = Object.values(checkpoint.tasksByState).reduce((sum, ranges) => sum + countOfNumberRanges(ranges), 0);
  if (checkpoint.kind === 'manual' && tasks > 0) facts.push(counted(tasks, 'task'));
  return facts;
}
