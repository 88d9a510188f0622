/**
 * `preparing`: before anything that runs is touched, dependencies serve, the hosts are fit, and the
 * image is on every host that will need it.
 */
import type { Revision, Rollout } from '#shared/model/service.ts';
import type { HostFacts } from '../facts.ts';
import { type FillOptions, fillSlot } from '../fill-slot.ts';
import type { PlanDraft } from '../plan-draft.ts';
import { hostFindings } from '../preflight.ts';
import { keptReplicas } from '../reconcile.ts';
import { isHealthy } from '../replica-state.ts';
import type { RolloutMove } from '../service-plan.ts';
import { placementNeeds } from '../scheduler/scheduler.ts';
import type { Situation } from '../situation.ts';
import { type SlotKey, slotKey, slotKeyOf } from '../slot.ts';
import { contextOf, noSlots, pinnedRevision, type RolloutContext, type StageResult, strategyOf } from './context.ts';
import { switchOver } from './blue-green.ts';
import type { UnrecordedFailure } from './failures.ts';
import { decision } from './record.ts';
import { advance } from './rolling.ts';

/** Holds everything as it is, and says what is missing. */
export function preparing(draft: PlanDraft, rollout: Rollout): StageResult {
  const { situation } = draft;
  holdStill(draft, rollout);
  const target = situation.revision(rollout.toRevision);
  if (target === null) return waiting(`revision ${rollout.toRevision} to be known`);
  const gate = dependencyGate(situation, rollout, target) ?? imageGate(situation, rollout);
  if (gate !== null) return gate;
  const context = contextOf(draft, rollout);
  if (context === null) return resolveImage(draft, target);
  return hostGate(context) ?? placeImages(context);
}

/** Nothing is moved; what dies meanwhile comes back as it was. */
function holdStill(draft: PlanDraft, rollout: Rollout): void {
  const { situation } = draft;
  const from = pinnedRevision(situation, rollout.fromRevision);
  for (const replica of keptReplicas(situation)) draft.keep(replica);
  if (from !== null) {
    const { revision } = from;
    const slots = situation.slots(revision);
    const options: FillOptions = {
      ...from,
      order: revision.spec.update.order,
      isAlone: slots.length <= 1,
      healthDeadlineMs: revision.spec.update.healthDeadlineMs,
      group: 'new',
      untold: noSlots,
      standstill: null,
    };
    const taken = slotsOfOthers(situation, from);
    for (const slot of slots) if (!taken.has(slotKey(slot))) fillSlot(draft, slot, options);
  }
  for (const replica of situation.live) {
    if (replica.phase === 'running' && situation.isProven(replica)) draft.serve(replica);
    else draft.keep(replica);
  }
}

/** Slots that a replica of another template works in, left by a rollout that was superseded. */
function slotsOfOthers(situation: Situation, { revision, hash }: NonNullable<RolloutContext['from']>): Set<SlotKey> {
  return new Set(
    situation.live
      .filter((replica) => replica.templateHash !== hash && isHealthy(replica) && situation.isProven(replica))
      .map((replica) => slotKeyOf(replica, revision)),
  );
}

/** Only a deploy waits for others: a way back is in a hurry. */
function dependencyGate({ facts }: Situation, { kind }: Rollout, { spec }: Revision): StageResult | null {
  if (kind !== 'deploy') return null;
  const absent = spec.dependsOn.filter((name) => facts.dependencies.get(name) !== true);
  if (absent.length === 0) return null;
  const parts = absent.map((name) =>
    facts.dependencies.has(name) ? `${name} to serve` : `a service ${name} to be deployed`,
  );
  return waiting(parts.join(' and '));
}

/** An image that cannot be had ends it; one that may be had later is waited for. */
function imageGate(situation: Situation, rollout: Rollout): StageResult | null {
  const failures = situation.facts.imageFailures.filter(
    ({ revision, atMs }) => revision === rollout.toRevision && atMs >= rollout.startedAtMs,
  );
  const final = failures.find(({ isFinal }) => isFinal);
  if (final === undefined) return null;
  const { message, hostId } = final;
  return {
    ...waiting(message),
    breach: breach(decision(situation.nowMs, 'image', 'failed', message, { evidence: { host: hostId } })),
  };
}

/** The image is brought to one host; its content then has a name. */
function resolveImage(draft: PlanDraft, target: Revision): StageResult {
  const { situation } = draft;
  const answer = situation.scheduler.place(target);
  if (answer.kind === 'nowhere') return { ...waiting(`a host that fits: ${answer.why}`), isUnderDeadline: true };
  return bringing(draft, target, [answer.host]);
}

/** What stands against it on every host; looked at only where something new has to be started. */
function hostGate({ situation, rollout, target, slots, hash }: RolloutContext): StageResult | null {
  const isAllThere = slots.every((slot) => situation.liveIn(slotKey(slot), hash, target).length > 0);
  if (rollout.kind !== 'deploy' || isAllThere) return null;
  const used = new Set(situation.live.map(({ hostId }) => hostId));
  const needs = placementNeeds(situation.facts, target);
  const hosts = situation.placement.hosts();
  // Where it runs already, its edge holds its ports.
  const findings = hostFindings(hosts, hosts.some(({ id }) => used.has(id)) ? { ...needs, hostPorts: [] } : needs);
  const failed = findings.find(
    ({ check, verdict }) => verdict === 'failed' && check !== 'engine' && check !== 'placement',
  );
  if (failed === undefined) return null;
  const entry = decision(situation.nowMs, 'preflight', 'failed', failed.detail, { evidence: { check: failed.check } });
  return { ...waiting(failed.detail), breach: breach(entry) };
}

/** Every slot gets a host, every such host the image; then it begins. */
function placeImages(context: RolloutContext): StageResult {
  const { draft, situation, target, hash, slots } = context;
  const without: HostFacts[] = [];
  let placed = 0;
  let nowhere: string | null = null;
  for (const slot of slots) {
    const [present] = situation.liveIn(slotKey(slot), hash, target);
    if (present !== undefined) {
      placed += 1;
      continue;
    }
    const answer = situation.scheduler.place(target, slot.hostId);
    if (answer.kind === 'nowhere') {
      nowhere ??= answer.why;
      draft.pend(target, slot, answer.why, null);
      continue;
    }
    placed += 1;
    if (target.digest === null || !answer.host.images.has(target.digest)) without.push(answer.host);
  }
  if (without.length > 0) return bringing(draft, target, without);
  if (placed === 0 && (nowhere !== null || target.spec.mode.kind === 'global')) {
    return { ...waiting(`a host that fits: ${nowhere ?? situation.scheduler.explain(target)}`), isUnderDeadline: true };
  }
  return { ...waiting(null), wanted: slots.length, next: begin(context) };
}

function begin(context: RolloutContext): RolloutMove {
  const { situation, rollout, slots, hash, target } = context;
  const { nowMs } = situation;
  const isReady = slots.every((slot) => situation.liveIn(slotKey(slot), hash, target).some(isHealthy));
  const ready = decision(
    nowMs,
    'preflight',
    'passed',
    'Hosts, ports, disk and volumes are fit, and the image is where it is needed',
    {
      durationMs: nowMs - rollout.startedAtMs,
    },
  );
  if (strategyOf(context) === 'rolling') return advance(context, { name: 'replacing', lastBatchAtMs: null }, [ready]);
  if (rollout.kind !== 'deploy' && isReady) return switchOver(context);
  return advance(context, { name: 'starting' }, [ready]);
}

function bringing(draft: PlanDraft, target: Revision, hosts: readonly HostFacts[]): StageResult {
  const { facts } = draft.situation;
  for (const { id } of hosts) draft.prepare(id, target);
  const failure = facts.imageFailures.find(
    ({ hostId, revision }) => revision === target.number && hosts.some(({ id }) => id === hostId),
  );
  const names = [...new Set(hosts.map(({ name }) => name))].join(', ');
  const waitsFor =
    failure === undefined ? `the image on ${names}` : `the image on ${names}, the last try failed: ${failure.message}`;
  // A pull or build that goes on may take its time; one that keeps failing may not.
  return { ...waiting(waitsFor), isUnderDeadline: failure !== undefined };
}

function breach(entry: UnrecordedFailure['decision']): UnrecordedFailure {
  return { slotKey: null, containerId: null, decision: entry };
}

function waiting(waitsFor: string | null): StageResult {
  return { slots: [], wanted: 0, next: null, waitsFor, isUnderDeadline: false, limits: [], breach: null };
}
