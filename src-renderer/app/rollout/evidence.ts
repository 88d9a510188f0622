import type { ServiceEvent } from '#shared/contract/service-views.ts';
import type { Rollout, RolloutDecision } from '#shared/model/service.ts';

/** What is shown as a block of its own, and under which name. */
const textNames: Record<string, string> = {
  lastHealth: 'Last health check',
  check: 'Health check',
  startError: 'Why it did not start',
  logTail: 'Last lines of its log',
};
/** Says nothing to a person. */
const inner = new Set(['stage', 'containerId', 'baseline']);

/** The newest rollout to a revision; null when there is none. */
export function newestRolloutTo(rollouts: readonly Rollout[], revision: number): Rollout | null {
  return rollouts.reduce<Rollout | null>(
    (newest, rollout) =>
      rollout.toRevision === revision && (newest === null || rollout.number > newest.number) ? rollout : newest,
    null,
  );
}

/** How it went, in a sentence. */
export function rolloutOutcome({ stage, paused }: Pick<Rollout, 'stage' | 'paused'>): string {
  if (stage.name === 'ended') {
    const was = stage.outcome === 'aborted' || stage.outcome === 'superseded' ? 'was ' : '';
    return stage.detail === '' ? `It ${was}${stage.outcome}.` : stage.detail;
  }
  return paused === null ? 'It is under way.' : `It stands still: ${paused.detail}`;
}

/** The short facts of a decision: "exit code 137", "out of memory". */
export function evidenceFacts({ evidence }: Pick<RolloutDecision, 'evidence'>): string[] {
  return Object.entries(evidence).flatMap(([key, value]) => {
    if (value === null || value === '' || value === false || inner.has(key) || key in textNames) return [];
    const name = key.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
    return [value === true ? name : `${name} ${value}`];
  });
}

/** The long texts of a decision: health output and log tail. */
export function evidenceTexts({ evidence }: Pick<RolloutDecision, 'evidence'>): { name: string; text: string }[] {
  return Object.entries(textNames).flatMap(([key, name]) => {
    const text = evidence[key];
    return typeof text === 'string' && text.trim() !== '' ? [{ name, text: text.trimEnd() }] : [];
  });
}

/** What befell the service's replicas, engine and edge while the rollout ran, oldest first; its own decisions are left out. */
export function eventsDuring(
  events: readonly ServiceEvent[],
  { serviceId, startedAtMs, endedAtMs }: Pick<Rollout, 'serviceId' | 'startedAtMs' | 'endedAtMs'>,
): ServiceEvent[] {
  return events
    .filter(
      (event) =>
        event.serviceId === serviceId &&
        event.rolloutId === null &&
        event.atMs >= startedAtMs &&
        event.atMs <= (endedAtMs ?? Number.POSITIVE_INFINITY),
    )
    .toSorted((a, b) => a.atMs - b.atMs);
}
