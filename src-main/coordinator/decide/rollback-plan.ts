/** What rolling back to a checkpoint will do, computed before anybody agrees to it. */
import type { Checkpoint, Rollback, RollbackPlan } from '#shared/model/checkpoint.ts';
import type { BranchName, CommitId, TaskKey } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Task } from '#shared/model/task.ts';
import { laterServices, plannedServices, type ServiceFacts, serviceWarnings } from './service-rollback.ts';

/** One commit of the branch's own line, as git tells it. */
export interface HistoryCommit {
  readonly commit: CommitId;
  readonly subject: string;
  readonly parents: readonly CommitId[];
  readonly files: number;
}

/** What the plan is made from. */
export interface RollbackFacts {
  readonly checkpoint: Checkpoint;
  /** Where merges land now. */
  readonly branch: BranchName;
  readonly headCommit: CommitId;
  /** The commit whose files the branch is to have again. */
  readonly toCommit: CommitId;
  /** From the head down to `toCommit`, which is left out; first parents only, newest first. */
  readonly history: readonly HistoryCommit[];
  readonly checkpoints: readonly Checkpoint[];
  readonly rollbacks: readonly Rollback[];
  readonly tasks: readonly Task[];
  /** Live lanes that were built on a commit of `history`. */
  readonly lanesBuiltOn: readonly Lane[];
  /** Difference between the head and `toCommit`. */
  readonly changes: { readonly files: number; readonly added: number; readonly removed: number };
  readonly changedPaths: readonly string[];
  readonly mergesWaiting: number;
  /** Those of the main stack. */
  readonly services: readonly ServiceFacts[];
  readonly nowMs: number;
}

/** One commit to be taken back: the new commit has the files of `restores`. */
export interface RevertStep {
  readonly commit: CommitId;
  readonly restores: CommitId;
  readonly subject: string;
  readonly taskKey: TaskKey | null;
  readonly files: number;
}

const pathsShown = 10;

/**
 * The commits to take back, newest first. Each step restores the files before its commit, the
 * last one exactly those of `toCommit`, so no step can conflict. Rollbacks that lie in between
 * are stepped over together with what they took back: nothing is left of either.
 */
export function revertSteps(facts: RollbackFacts): RevertStep[] {
  const byCommit = new Map(facts.history.map((entry) => [entry.commit, entry]));
  const equivalents = sameFilesAs(facts.checkpoints, facts.rollbacks);
  const keys = mergedTaskKeys(facts);
  const steps: RevertStep[] = [];
  let current = facts.headCommit;
  while (current !== facts.toCommit) {
    const entry = byCommit.get(current);
    if (!entry) break;
    const equivalent = equivalents.get(current);
    if (equivalent !== undefined && (equivalent === facts.toCommit || byCommit.has(equivalent))) {
      current = equivalent;
      continue;
    }
    const parent = entry.parents[0] ?? facts.toCommit;
    const restores = byCommit.has(parent) ? parent : facts.toCommit;
    const { commit, subject, files } = entry;
    steps.push({ commit, restores, subject, files, taskKey: keys.get(commit) ?? null });
    current = restores;
  }
  return steps;
}

/** Commits that have exactly the files of an older commit, because a rollback or an undo made them. */
function sameFilesAs(checkpoints: readonly Checkpoint[], rollbacks: readonly Rollback[]): Map<CommitId, CommitId> {
  const byId = new Map(checkpoints.map((checkpoint) => [checkpoint.id, checkpoint]));
  const same = new Map<CommitId, CommitId>();
  for (const rollback of rollbacks) {
    const to = byId.get(rollback.checkpointId)?.afterCommit;
    if (rollback.afterCommit === null || !to || rollback.stage === 'refused') continue;
    // One that only took services back made no commit.
    if (rollback.afterCommit === rollback.beforeCommit) continue;
    same.set(rollback.afterCommit, to);
    const undo = checkpoints.find((entry) => entry.kind === 'undo' && entry.rollbackId === rollback.id);
    // An undo made on top of later work keeps that work, so its files are not those of before.
    if (undo?.afterCommit && undo.beforeCommit === rollback.afterCommit)
      same.set(undo.afterCommit, rollback.beforeCommit);
  }
  return same;
}

function mergedTaskKeys({ checkpoints, tasks }: RollbackFacts): Map<CommitId, TaskKey> {
  const byId = new Map(tasks.map((task) => [task.id, task.key]));
  const keys = new Map<CommitId, TaskKey>();
  for (const checkpoint of checkpoints) {
    if (checkpoint.kind !== 'merge' || checkpoint.afterCommit === null || checkpoint.taskId === null) continue;
    const key = byId.get(checkpoint.taskId);
    if (key !== undefined) keys.set(checkpoint.afterCommit, key);
  }
  return keys;
}

/** The plan for the person, with the fingerprint that binds it to this state. */
export function planRollback(facts: RollbackFacts): RollbackPlan {
  const steps = revertSteps(facts);
  const keys = new Set(steps.map((step) => step.taskKey));
  const tasks = facts.tasks.filter((task) => keys.has(task.key) && task.status.state === 'merged');
  const services = plannedServices(facts.checkpoint, facts.services);
  const lanes = facts.lanesBuiltOn.map((lane) => ({
    laneId: lane.id,
    number: lane.number,
    title: facts.tasks.find((task) => task.id === lane.taskId)?.title ?? `Lane ${lane.number}`,
  }));
  return {
    projectId: facts.checkpoint.projectId,
    checkpointId: facts.checkpoint.id,
    title: `Roll back to ${nameOf(facts)}`,
    branch: facts.branch,
    headCommit: facts.headCommit,
    toCommit: facts.toCommit,
    commits: steps.map(({ commit, taskKey, subject, files }) => ({ commit, taskKey, subject, files })),
    files: {
      count: facts.changes.files,
      added: facts.changes.added,
      removed: facts.changes.removed,
      sample: facts.changedPaths.slice(0, pathsShown),
    },
    lanes,
    tasks: tasks.map(({ id, key, title }) => ({ taskId: id, key, title })),
    services,
    warnings: warningsOf(facts, steps, services),
    computedAtMs: facts.nowMs,
    fingerprint: fingerprintOf(facts, steps, tasks, services),
  };
}

/** The checkpoints whose effect the steps take away. */
export function undoneCheckpoints(checkpoints: readonly Checkpoint[], steps: readonly RevertStep[]): Checkpoint[] {
  const commits = new Set(steps.map((step) => step.commit));
  return checkpoints.filter(
    (checkpoint) =>
      (checkpoint.kind === 'merge' || checkpoint.kind === 'outside') &&
      checkpoint.afterCommit !== null &&
      checkpoint.afterCommit !== checkpoint.beforeCommit &&
      commits.has(checkpoint.afterCommit),
  );
}

/** What the entry is known by: what came before it, so that it reads after "Roll back to" and after a time. */
function nameOf({ checkpoint, rollbacks, services, tasks }: RollbackFacts): string {
  const { kind, label, revisions, serviceId, rollbackId, taskId } = checkpoint;
  const rollback = rollbacks.find(({ id }) => id === rollbackId);
  switch (kind) {
    case 'merge':
      return `after ${tasks.find(({ id }) => id === taskId)?.key ?? `“${label}”`}`;
    case 'manual':
      return `“${label}”`;
    case 'deploy': {
      const name = services.find(({ service }) => service.id === serviceId)?.service.name;
      const revision = name === undefined ? undefined : revisions[name];
      return revision === undefined ? `before “${label}”` : `${name} at revision ${revision}`;
    }
    case 'rollback':
      return rollback === undefined ? `after “${label}”` : `after R-${rollback.number}`;
    case 'undo':
      return rollback === undefined ? `after “${label}”` : `after the undo of R-${rollback.number}`;
    case 'opened':
      return 'the start';
    case 'outside':
      return `after “${label}”`;
  }
}

function warningsOf(facts: RollbackFacts, steps: readonly RevertStep[], services: RollbackPlan['services']): string[] {
  const warnings: string[] = [];
  const outside = steps.filter((step) => step.taskKey === null && !step.subject.startsWith('Revert ')).length;
  if (outside > 0) {
    warnings.push(
      outside === 1
        ? 'One commit that no lane made is taken back too.'
        : `${outside} commits that no lane made are taken back too.`,
    );
  }
  if (facts.branch !== facts.checkpoint.branch) {
    warnings.push(`The rollback lands on ${facts.branch}, where merges land at the moment.`);
  }
  warnings.push(...serviceWarnings(facts.services, services));
  const later = laterServices(facts.checkpoint, facts.services);
  if (later.length > 0) {
    warnings.push(`${later.join(', ')} did not exist then and ${later.length === 1 ? 'goes' : 'go'} on untouched.`);
  }
  const waiting = facts.mergesWaiting;
  const wait = waiting === 0 ? '' : waiting === 1 ? ' 1 merge waits.' : ` ${waiting} merges wait.`;
  warnings.push(`Auto-merge is paused until you turn it on.${wait}`);
  return warnings;
}

/**
 * Names what the person agreed to. The lanes stand in the clear at the end, since a lane that
 * ended meanwhile changes nothing, while one more interrupted lane does.
 */
function fingerprintOf(
  facts: RollbackFacts,
  steps: readonly RevertStep[],
  tasks: readonly Task[],
  services: RollbackPlan['services'],
): string {
  const fixed = JSON.stringify([
    facts.checkpoint.id,
    facts.branch,
    facts.headCommit,
    facts.toCommit,
    steps.map((step) => step.commit),
    tasks.map((task) => task.id),
    services.map(({ serviceId, fromRevision, toRevision }) => [serviceId, fromRevision, toRevision]),
  ]);
  const lanes = facts.lanesBuiltOn.map((lane) => lane.number).sort((a, b) => a - b);
  return `${hashText(fixed)}.${lanes.join('-')}`;
}

/** True when `confirmed` agrees to all that `fresh` would do. */
export function fingerprintCovers(confirmed: string, fresh: string): boolean {
  const [confirmedHash, confirmedLanes = ''] = confirmed.split('.');
  const [freshHash, freshLanes = ''] = fresh.split('.');
  if (confirmedHash !== freshHash) return false;
  const agreed = new Set(confirmedLanes.split('-'));
  return freshLanes === '' || freshLanes.split('-').every((lane) => agreed.has(lane));
}

/** 64 bits of FNV-1a in two halves: tells states apart, keeps no secret. */
function hashText(text: string): string {
  let low = 0x811c9dc5;
  let high = 0xc9dc5118;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + index), 0x01000193);
  }
  return (low >>> 0).toString(16).padStart(8, '0') + (high >>> 0).toString(16).padStart(8, '0');
}
