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
export function rolloutOf(rollouts: readonly Rollout[], revision: number): Rollout | null {
  return rollouts.reduce<Rollout | null>(
    (newest, rollout) =>
      rollout.toRevision === revision && (newest === null || rollout.number > newest.number) ? rollout : newest,
    null,
  );
}

/** The short facts of a decision: "replica api.4", "exit code 137", "out of memory". */
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
