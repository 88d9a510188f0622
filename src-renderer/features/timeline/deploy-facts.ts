import type { Revision, Rollout } from '#shared/model/service.ts';
import { counted, seconds } from '../../app/text.ts';

/** What a deploy was and how it went: "3 replicas", "canary at 10 %", "41 s". */
export function deployFacts(rollout: Rollout, revision: Pick<Revision, 'spec'> | null): string[] {
  const facts: string[] = [];
  if (revision !== null) facts.push(replicasText(revision));
  facts.push(strategyText(rollout));
  const { stage, startedAtMs, endedAtMs, paused } = rollout;
  if (stage.name !== 'ended') {
    facts.push(paused === null ? 'under way' : paused.because === 'failure' ? 'waits for you' : 'paused');
    return facts;
  }
  if (stage.outcome === 'succeeded' && endedAtMs !== null) facts.push(seconds(endedAtMs - startedAtMs));
  else if (stage.outcome === 'superseded') facts.push('overtaken by a newer one');
  else facts.push(stage.detail === '' ? stage.outcome : `${stage.outcome}: ${stage.detail}`);
  return facts;
}

function replicasText({ spec: { mode } }: Pick<Revision, 'spec'>): string {
  return mode.kind === 'global' ? 'one on every host' : counted(mode.replicas, 'replica');
}

/** "rolling", or where a canary is: "canary at 10 %". */
function strategyText({ policy, stage }: Rollout): string {
  const percent = stage.name === 'shifting' ? policy.canarySteps[stage.step]?.weightPercent : undefined;
  return percent === undefined ? policy.strategy : `${policy.strategy} at ${percent} %`;
}
