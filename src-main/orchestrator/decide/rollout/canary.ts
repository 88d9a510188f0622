/** Canary: the new revision takes a growing part of the traffic, and has to keep its limits at each step. */
import { assertDefined } from '#shared/base/assert.ts';
import { durationText } from '../duration-text.ts';
import type { Replica } from '../facts.ts';
import type { RolloutMove } from '../service-plan.ts';
import type { SlotKey } from '../slot.ts';
import { runBeside } from './beside.ts';
import { healthyOf, starting, switchOver } from './blue-green.ts';
import { hasPlaces, type RolloutContext, type StageResult } from './context.ts';
import { baselineEvidence, brokenLimit, limitRows, type Measurement, measure, measurementEvidence } from './limits.ts';
import { decision } from './record.ts';
import { advance } from './rolling.ts';

/** `starting`: as many new replicas as the first step's part of the traffic needs. */
export function startingCanary(context: RolloutContext, untold: ReadonlySet<SlotKey>): StageResult {
  const isWhole = context.rollout.promoted || context.policy.canarySteps.length === 0 || isReturn(context);
  const count = isWhole ? context.slots.length : replicasAt(context, 0);
  return starting(context, untold, count, () => (isWhole ? switchOver(context) : shift(context, 0, [])));
}

/** `shifting`: step `step` has its part of the traffic since `sinceMs`. */
export function shifting(
  context: RolloutContext,
  untold: ReadonlySet<SlotKey>,
  { step, sinceMs }: { readonly step: number; readonly sinceMs: number },
): StageResult {
  const { draft, situation, rollout, policy } = context;
  const { nowMs } = situation;
  const current = assertDefined(policy.canarySteps[step], 'a canary is at one of its steps');
  const holdEndsAtMs = current.holdMs === null ? null : sinceMs + current.holdMs;
  const isHeld = holdEndsAtMs !== null && nowMs >= holdEndsAtMs;
  const isLast = step + 1 >= policy.canarySteps.length;
  const isLeaving = rollout.promoted || isHeld;
  const count = !isLeaving
    ? replicasAt(context, step)
    : rollout.promoted || isLast
      ? context.slots.length
      : replicasAt(context, step + 1);
  if (holdEndsAtMs !== null) draft.wake(holdEndsAtMs);

  const slots = runBeside(context, { count, percent: current.weightPercent, untold });
  const isGood = hasPlaces(context) && slots.every(({ isGood }) => isGood);
  const measured = measure(rollout, newReplicas(context));
  const broken = rollout.promoted ? null : brokenLimit(policy.limits, measured, isHeld);
  return {
    slots,
    wanted: count,
    next: isLeaving && isGood ? follow(measured) : null,
    waitsFor: waitsFor(),
    // While it is held, what fails is judged by itself.
    isUnderDeadline: isLeaving && !isGood,
    ...(isHeld ? { heldUntilMs: holdEndsAtMs } : {}),
    limits: limitRows(policy.limits, measured),
    breach:
      broken === null
        ? null
        : {
            slotKey: null,
            containerId: null,
            decision: decision(nowMs, 'limits', 'failed', `At ${current.weightPercent} % of the traffic ${broken}`, {
              durationMs: nowMs - sinceMs,
              evidence: measurementEvidence(measured),
            }),
          },
  };

  function follow(measured: Measurement): RolloutMove {
    const told = rollout.promoted
      ? decision(nowMs, 'person', 'passed', 'A person promoted it to all traffic')
      : decision(
          nowMs,
          'limits',
          'passed',
          `${durationText(nowMs - sinceMs)} at ${current.weightPercent} % within all limits`,
          {
            durationMs: nowMs - sinceMs,
            evidence: measurementEvidence(measured),
          },
        );
    if (!rollout.promoted && !isLast) return shift(context, step + 1, [told]);
    const over = switchOver(context);
    return over.kind === 'advance' ? { ...over, decisions: [told, ...over.decisions] } : over;
  }

  function waitsFor(): string | null {
    if (!isGood) return healthyOf(slots, count);
    if (isLeaving) return null;
    if (holdEndsAtMs === null) return `a person to promote it beyond ${current.weightPercent} %`;
    return `${durationText(holdEndsAtMs - nowMs)} more: ${durationText(holdEndsAtMs - sinceMs)} must pass without a breach`;
  }
}

/** How many new replicas carry a step's part of the traffic, at the load that each replica has now. */
function replicasAt({ policy, slots }: RolloutContext, step: number): number {
  const percent = policy.canarySteps[step]?.weightPercent ?? 100;
  return Math.min(slots.length, Math.max(1, Math.ceil((slots.length * percent) / 100)));
}

/** A way back onto replicas that still run needs no steps: they have proven themselves. */
function isReturn({ rollout, situation, hash, slots }: RolloutContext): boolean {
  const running = situation.live.filter(
    ({ templateHash, phase, isStopping }) => templateHash === hash && phase === 'running' && !isStopping,
  ).length;
  return rollout.kind !== 'deploy' && running >= slots.length;
}

function shift(
  context: RolloutContext,
  step: number,
  decisions: Extract<RolloutMove, { kind: 'advance' }>['decisions'],
): RolloutMove {
  const { situation, policy, rollout } = context;
  const { nowMs } = situation;
  const percent = policy.canarySteps[step]?.weightPercent ?? 100;
  return advance(context, { name: 'shifting', step, sinceMs: nowMs }, [
    ...decisions,
    decision(nowMs, 'traffic', 'noted', `Revision ${rollout.toRevision} takes ${percent} % of the traffic`, {
      evidence: baselineEvidence(newReplicas(context)),
    }),
  ]);
}

function newReplicas({ situation, hash }: RolloutContext): Replica[] {
  return situation.live.filter(({ templateHash }) => templateHash === hash);
}
