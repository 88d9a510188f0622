/** A rollout's course as a person reads it: what is done, what it is at and why it waits, what is to come. */
import type { RolloutStep } from '#shared/contract/service-views.ts';
import type { Rollout, RolloutDecision } from '#shared/model/service.ts';
import type { RolloutProgress } from './service-plan.ts';

/** The stages that a strategy goes through, in order, with a canary's steps one by one. */
interface Milestone {
  readonly key: string;
  readonly label: string;
  /** For what has not begun: how long it will take, where the policy says so. */
  readonly expectedMs: number | null;
}

/** The steps of a rollout, oldest first. */
export function rolloutSteps(rollout: Rollout, progress: RolloutProgress | null, nowMs: number): RolloutStep[] {
  const milestones = milestonesOf(rollout);
  const at = positionOf(rollout, milestones);
  const ended = rollout.stage.name === 'ended' ? rollout.stage : null;
  return milestones.map((milestone, index): RolloutStep => {
    const { key, label } = milestone;
    const decision = newestDecision(rollout, key);
    if (index < at || ended?.outcome === 'succeeded') {
      return { key, label, aside: asideOf(decision), state: 'done', detail: null, limits: [] };
    }
    if (index > at) {
      const aside = milestone.expectedMs === null ? '' : about(milestone.expectedMs);
      return { key, label, aside, state: 'waiting', detail: null, limits: [] };
    }
    if (ended !== null) {
      return { key, label, aside: ended.outcome, state: 'failed', detail: ended.detail, limits: [] };
    }
    const { paused } = rollout;
    const limits = (progress?.limits ?? []).map(({ name, value, max, unit }) => ({ name, value, max, unit }));
    return {
      key,
      label,
      aside: elapsedOf(rollout, nowMs),
      state: paused === null ? 'active' : 'paused',
      detail: paused === null ? (progress?.waitsFor ?? null) : paused.detail,
      limits: rollout.stage.name === 'shifting' ? limits : [],
    };
  });
}

function milestonesOf({ policy, toRevision, fromRevision, decisions, stage }: Rollout): Milestone[] {
  const first: Milestone[] = [{ key: 'preparing', label: 'Preflight and image', expectedMs: null }];
  const old = fromRevision === null ? '' : `, then drain revision ${fromRevision}`;
  const monitor: Milestone = { key: 'monitoring', label: 'Watched without a failure', expectedMs: policy.monitorMs };
  // A way back to replicas that are kept, or a change of scale, may skip what the strategy would do.
  const wentElsewhere =
    stage.name === 'replacing' || decisions.some((decision) => decision.evidence['stage'] === 'replacing');
  if (policy.strategy === 'rolling' || wentElsewhere) {
    const label = fromRevision === null ? 'Replicas started' : 'Replicas replaced';
    return [...first, { key: 'replacing', label, expectedMs: null }, monitor];
  }
  const starting: Milestone = { key: 'starting', label: `Revision ${toRevision} beside the old one`, expectedMs: null };
  if (policy.strategy === 'blue-green') {
    return [
      ...first,
      starting,
      { key: 'switching', label: `All traffic to ${toRevision}${old}`, expectedMs: null },
      monitor,
    ];
  }
  return [
    ...first,
    starting,
    ...policy.canarySteps.map((step, index) => ({
      key: `shifting ${index}`,
      label: `${step.weightPercent} % of traffic`,
      expectedMs: step.holdMs,
    })),
    { key: 'switching', label: `Promote${old}`, expectedMs: null },
    monitor,
  ];
}

/** The step that it is at; for an ended one, where it ended. */
function positionOf(rollout: Rollout, milestones: readonly Milestone[]): number {
  const { stage } = rollout;
  if (stage.name === 'ended') {
    const reached = rollout.decisions
      .map((decision) => String(decision.evidence['stage'] ?? ''))
      .filter((key) => key !== '');
    const last = milestones.findLastIndex((milestone) => reached.includes(milestone.key));
    return Math.max(0, last);
  }
  const index = milestones.findIndex((milestone) => milestone.key === stageKey(stage));
  return Math.max(0, index);
}

/** Names a stage, and the step of a canary: what decisions carry as `evidence.stage`, and steps have as their key. */
export function stageKey(stage: Rollout['stage']): string {
  return stage.name === 'shifting' ? `shifting ${stage.step}` : stage.name;
}

/** Decisions name the stage that they were made in as evidence. */
function newestDecision({ decisions }: Rollout, key: string): RolloutDecision | null {
  return decisions.findLast((decision) => decision.evidence['stage'] === key) ?? null;
}

function asideOf(decision: RolloutDecision | null): string {
  if (decision === null) return '';
  // Of limits and of watching the time is what the decision is about, and said in it.
  const isTimed = decision.gate === 'limits' || decision.gate === 'monitor';
  const took = decision.durationMs === null || isTimed ? '' : duration(decision.durationMs);
  return [decision.detail, took].filter((part) => part !== '').join(', ');
}

function elapsedOf({ stage, policy, progressAtMs, startedAtMs }: Rollout, nowMs: number): string {
  if (stage.name === 'shifting') {
    const holdMs = policy.canarySteps[stage.step]?.holdMs ?? null;
    const elapsed = clock(nowMs - stage.sinceMs);
    return holdMs === null ? `${elapsed}, until you promote` : `${elapsed} of ${clock(holdMs)}`;
  }
  if (stage.name === 'monitoring') return `${clock(nowMs - stage.sinceMs)} of ${clock(policy.monitorMs)}`;
  if (stage.name === 'switching') return clock(nowMs - stage.sinceMs);
  return clock(nowMs - Math.max(startedAtMs, stage.name === 'preparing' ? startedAtMs : progressAtMs));
}

/** "3:12" */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** "1.2 s", "3 min" */
function duration(ms: number): string {
  if (ms < 60_000) return `${ms < 10_000 ? (ms / 1_000).toFixed(1) : Math.round(ms / 1_000)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

function about(ms: number): string {
  return ms === 0 ? '' : duration(ms);
}
