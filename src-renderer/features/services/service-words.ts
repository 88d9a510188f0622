import type { ImageProgressView, ServiceView } from '#shared/contract/service-views.ts';
import { count, counted, size } from '../../app/text.ts';
import { healthyText, type StatusLook, statusLook } from './service-status.ts';

/** The word beside a service's name, where its mark alone would say too little; null where it says enough. */
export function nodeTag({ status, rollout }: Pick<ServiceView, 'status' | 'rollout'>): {
  readonly word: string;
  readonly tone: StatusLook['tone'];
} | null {
  if (status === 'healthy') return null;
  if (status !== 'rolling-out' || rollout === null) return statusLook(status);
  const { kind, stage, policy, fromRevision } = rollout.rollout;
  if (fromRevision === null) return { word: 'starting', tone: 'running' };
  if (kind !== 'deploy') return { word: 'going back', tone: 'running' };
  if (stage.name === 'preparing') return { word: 'preparing', tone: 'running' };
  return { word: policy.strategy === 'rolling' ? 'rolling out' : policy.strategy, tone: 'running' };
}

/**
 * The second line of a service: its requests where they are counted, why it stands still, else its
 * replicas. `more` is left out where there is little room.
 */
export function nodeFacts(service: ServiceView): { readonly main: string; readonly more: string } {
  const [pending] = service.pending;
  if (service.status === 'pending' && pending !== undefined) return { main: pending.why, more: '' };
  if (service.status === 'stopped') return { main: 'scaled to 0', more: '' };
  if (service.traffic !== null && service.status !== 'failed') {
    const { requestsPerSecond, p99Ms } = service.traffic;
    const main = `${rateText(requestsPerSecond)} req/s`;
    return { main, more: p99Ms === null ? '' : `, p99 ${count(p99Ms)} ms` };
  }
  return { main: healthyText(service), more: '' };
}

/** "pulling, 42 of 84 MB", for an image that is being got. */
export function progressText({ phase, currentBytes, totalBytes }: ImageProgressView): string {
  if (currentBytes === null || totalBytes === null || totalBytes === 0) return phase;
  return `${phase}, ${size(currentBytes)} of ${size(totalBytes)}`;
}

/** "184 MB", or a dash where it is not known. */
export function known<Value>(value: Value | null, text: (value: Value) => string): string {
  return value === null ? '–' : text(value);
}

/** "1.24 cores" */
export function cores(value: number): string {
  return `${value.toFixed(2)} cores`;
}

/** "248/s" */
export function perSecond(value: number): string {
  return `${rateText(value)}/s`;
}

/** "3 h 24 min", "3 min 31 s", "48 s": how long a replica is up, in two units. */
export function upTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${counted(days, 'day')} ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** The first digits of a digest: "e07a4c19". */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 8);
}

/** "248", "7.5": requests per second without their unit. */
export function rateText(value: number): string {
  return value > 0 && value < 10 ? value.toFixed(1).replace(/\.0$/, '') : count(value);
}
