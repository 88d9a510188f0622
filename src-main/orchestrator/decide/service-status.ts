/** How a service is, in one word and one sentence. */
import type { ServiceStatus } from '#shared/contract/service-views.ts';
import type { Rollout } from '#shared/model/service.ts';
import type { Replica, ServiceFacts } from './facts.ts';
import { isComplete, isHealthy } from './replica-state.ts';
import type { Placement } from './scheduler/placement.ts';
import type { ServicePlan } from './service-plan.ts';
import { Situation } from './situation.ts';

/** Derived, never stored. */
export interface ServiceStatusView {
  readonly status: ServiceStatus;
  /** "api takes 10 % of its traffic on revision 15." */
  readonly sentence: string;
  /** Replicas of the serving revision that do their part, of those that are wanted. */
  readonly serving: number;
  readonly wanted: number;
}

/** The status of a service, from the facts and the plan that was made of them. */
export function serviceStatus(facts: ServiceFacts, plan: ServicePlan, placement: Placement): ServiceStatusView {
  const situation = new Situation(facts, placement);
  const { service, rollout } = facts;
  const revision = situation.revision(service.servingRevision);
  const hash = situation.hash(service.servingRevision);
  const wanted = revision === null ? 0 : situation.slots(revision).length;
  const done = situation.ended.filter(
    (replica) => replica.templateHash === hash && revision !== null && isComplete(replica, revision.spec.restart),
  );
  const working = situation.live.filter(
    (replica) =>
      isHealthy(replica) && (situation.hasEdge(replica) ? replica.traffic === 'ready' : replica.templateHash === hash),
  );
  const serving = Math.min(wanted, working.length + done.length);
  const view = (status: ServiceStatus, sentence: string): ServiceStatusView => ({ status, sentence, serving, wanted });

  if (service.state === 'removing') {
    return view('removing', `${service.name} is being removed: ${count(situation.live.length)} left.`);
  }
  const silent = silentHost(situation.live, placement);
  if (silent !== null) return view('stale', `${silent} does not answer: this is what was known of ${service.name}.`);
  if (rollout !== null && rollout.stage.name !== 'ended')
    return view(rolloutWord(rollout), rolloutSentence(facts, rollout, plan));
  if (revision === null) return view('failed', `No revision of ${service.name} has served yet.`);
  if (wanted === 0) {
    const isGlobal = revision.spec.mode.kind === 'global';
    return isGlobal
      ? view('pending', `${service.name} fits on no host: ${situation.scheduler.explain(revision)}.`)
      : view('stopped', `${service.name} is scaled to 0 replicas.`);
  }
  if (serving === wanted)
    return view('healthy', `${service.name} serves with ${count(wanted)} of revision ${revision.number}.`);
  const [pending] = plan.pending;
  const because = pending === undefined ? '' : `: ${pending.why}`;
  const sentence = `${serving} of ${wanted} replicas of ${service.name} serve${because}.`;
  if (serving > 0) return view('degraded', sentence);
  const isRunning = situation.live.some(({ phase, health }) => phase === 'running' && health.status !== 'unhealthy');
  const isMaking = plan.actions.some(({ kind }) => kind === 'create' || kind === 'start');
  if (isRunning || isMaking) return view('degraded', sentence);
  return view(situation.ended.length === 0 && pending !== undefined ? 'pending' : 'failed', sentence);
}

/** The name of a host whose silence makes all that is known of the service stale; null while one answers. */
function silentHost(live: readonly Replica[], placement: Placement): string | null {
  const hosts = live.length > 0 ? live.map(({ hostId }) => placement.host(hostId)) : placement.hosts();
  const [first] = hosts;
  if (hosts.some((host) => host?.state === 'ready')) return null;
  return first?.name ?? null;
}

function rolloutWord({ paused, stage, policy, promoted }: Rollout): ServiceStatus {
  const needsPerson = stage.name === 'shifting' && policy.canarySteps[stage.step]?.holdMs === null && !promoted;
  return paused !== null || needsPerson ? 'waiting' : 'rolling-out';
}

function rolloutSentence({ service }: ServiceFacts, rollout: Rollout, { progress }: ServicePlan): string {
  const { toRevision, paused, stage } = rollout;
  if (paused !== null) {
    const by = paused.because === 'person' ? 'was paused' : 'stands still after a failure';
    return `The rollout of ${service.name} to revision ${toRevision} ${by}. ${paused.detail}`.trim();
  }
  const percent = Math.round(progress?.weightPercent ?? 0);
  const waitsFor = progress?.waitsFor ?? null;
  const waits = waitsFor === null ? '' : ` It waits for ${waitsFor}.`;
  switch (stage.name) {
    case 'preparing':
      return `${service.name} is prepared for revision ${toRevision}.${waits}`;
    case 'shifting':
      return `${service.name} takes ${percent} % of its traffic on revision ${toRevision}.`;
    case 'monitoring':
      return `${service.name} serves revision ${toRevision} and is watched.${waits}`;
    default:
      return `${service.name} moves to revision ${toRevision}, ${progress?.healthy ?? 0} of ${progress?.wanted ?? 0} replicas are healthy.`;
  }
}

function count(replicas: number): string {
  return replicas === 1 ? '1 replica' : `${replicas} replicas`;
}
