import type { RolloutView } from '#shared/contract/service-views.ts';
import type { Rollout } from '#shared/model/service.ts';
import { rolloutSteps } from '../decide/rollout-steps.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';

/** A rollout with its course; of one that is over, as it ended. */
export function rolloutView(core: OrchestratorCore, rollout: Rollout, nowMs: number): RolloutView {
  const isOpen = rollout.endedAtMs === null;
  const progress = isOpen ? (core.driver(rollout.serviceId)?.observation.plan?.progress ?? null) : null;
  return {
    rollout,
    steps: rolloutSteps(rollout, progress, nowMs),
    weightPercent:
      progress?.weightPercent ?? (rollout.stage.name === 'ended' && rollout.stage.outcome === 'succeeded' ? 100 : 0),
    healthy: progress?.healthy ?? 0,
    wanted: progress?.wanted ?? 0,
    waitsFor: progress?.waitsFor ?? null,
    can: {
      promote: isOpen && !rollout.promoted && rollout.policy.strategy === 'canary',
      pause: isOpen && rollout.paused === null,
      resume: isOpen && rollout.paused !== null,
      abort: isOpen,
    },
  };
}
