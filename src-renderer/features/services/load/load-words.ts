import type { LoadTest } from '#shared/contract/service-views.ts';
import type { Rollout } from '#shared/model/service.ts';
import { count } from '../../../app/text.ts';

type RolloutFacts = Pick<Rollout, 'toRevision' | 'startedAtMs' | 'endedAtMs' | 'kind'>;

/** The result in one sentence, with what rolled out meanwhile: "0 of 12,000 requests failed while revision 15 rolled out." */
export function loadSentence(load: LoadTest, rollouts: readonly RolloutFacts[], nowMs: number): string {
  const sent = load.succeeded + load.failed;
  if (sent === 0) return load.state === 'running' ? 'The first requests are under way.' : 'No request was answered.';
  const end = load.state === 'running' ? nowMs : load.endsAtMs;
  const meanwhile = rollouts.filter(
    ({ startedAtMs, endedAtMs }) => startedAtMs < end && (endedAtMs ?? nowMs) > load.startedAtMs,
  );
  const failed = `${count(load.failed)} of ${count(sent)} ${sent === 1 ? 'request' : 'requests'} failed`;
  if (meanwhile.length === 0) return `${failed}${load.state === 'running' ? ' so far' : ''}.`;
  const revisions = [...new Set(meanwhile.map(({ toRevision }) => toRevision))].toSorted((a, b) => a - b);
  const last = revisions.at(-1);
  const names =
    revisions.length === 1 ? `revision ${last}` : `revisions ${revisions.slice(0, -1).join(', ')} and ${last}`;
  const isUnderWay = meanwhile.some(({ endedAtMs }) => endedAtMs === null);
  return `${failed} while ${names} ${isUnderWay ? (revisions.length === 1 ? 'rolls' : 'roll') : 'rolled'} out.`;
}
