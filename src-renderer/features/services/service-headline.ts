import type { ServiceView } from '#shared/contract/service-views.ts';
import { clockMinute, count, counted } from '../../app/text.ts';
import { answers, byUrgency } from './service-status.ts';

/** The sentence over the view: what asks for the person first, else that all answer. */
export function serviceHeadline(services: readonly ServiceView[]): string {
  const [worst] = byUrgency(services);
  if (worst === undefined) return 'No services yet.';
  const alike = services.filter((service) => service.status === worst.status).length;
  switch (worst.status) {
    case 'healthy':
    case 'stopped':
      return answerText(services);
    case 'waiting':
      return alike === 1 ? worst.sentence : `${alike} rollouts wait for you.`;
    case 'stale':
      return `The engine does not answer. ${counted(alike, 'service')} ${alike === 1 ? 'is' : 'are'} shown as last known.`;
    default:
      return worst.sentence;
  }
}

/** Facts under the sentence: who answers, and whether requests failed. */
export function serviceEvidence(services: readonly ServiceView[]): string {
  const headline = serviceHeadline(services);
  const parts = [answerText(services), ...failureText(services)];
  parts.push(...wayBackText(services));
  const stopped = services.filter((service) => service.status === 'stopped').length;
  if (stopped > 0) parts.push(`${stopped} ${stopped === 1 ? 'is' : 'are'} scaled to 0.`);
  return parts.filter((part) => part !== headline).join(' ');
}

/** What went back by itself and has not been deployed since: a deploy that somebody still waits for. */
function wayBackText(services: readonly ServiceView[]): string[] {
  return services.flatMap(({ name, rollout, lastRollout }) => {
    if (rollout !== null || lastRollout?.kind !== 'auto-rollback' || lastRollout.endedAtMs === null) return [];
    const { toRevision, endedAtMs } = lastRollout;
    return [`${name} went back to revision ${toRevision} by itself at ${clockMinute(endedAtMs)}.`];
  });
}

/** "All 7 services answer.", "5 of 7 services answer." Those that are not wanted do not count. */
function answerText(services: readonly ServiceView[]): string {
  const wanted = services.filter((service) => service.status !== 'stopped' && service.status !== 'removing');
  // Of what was last known to answer nobody knows whether it does.
  const silent = wanted.filter((service) => service.status === 'stale').length;
  const answering = wanted.filter((service) => service.status !== 'stale' && answers(service)).length;
  if (wanted.length === 0) return 'No service is meant to run.';
  if (silent === wanted.length) return 'Whether they answer is not known.';
  if (silent > 0) return `${answering} of ${wanted.length} services answer; of ${silent} it is not known.`;
  if (wanted.length === 1) return answering === 1 ? 'The only service answers.' : 'The only service does not answer.';
  if (answering === wanted.length) return `All ${wanted.length} services answer.`;
  return `${answering} of ${wanted.length} services answer.`;
}

/** Failed requests, since the time from which all services are counted. */
function failureText(services: readonly ServiceView[]): string[] {
  const counted = services.flatMap(({ traffic, status }) => (traffic === null || status === 'stale' ? [] : [traffic]));
  if (counted.length === 0) return [];
  const failed = counted.reduce((sum, traffic) => sum + traffic.failed, 0);
  const since = (times: readonly number[], pick: (...times: number[]) => number): string => clockMinute(pick(...times));
  const times = counted.map((traffic) => traffic.sinceMs);
  if (failed === 0) return [`No request failed since ${since(times, Math.max)}.`];
  return [`${count(failed)} ${failed === 1 ? 'request' : 'requests'} failed since ${since(times, Math.min)}.`];
}
