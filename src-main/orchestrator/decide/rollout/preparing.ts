/**
 * `preparing`: before anything that runs is touched, dependencies serve, the hosts are fit, and the
 * image is on every host that will need it.
 */
import type { Revision, Rollout } from '#shared/model/service.ts';
import type { HostFacts } from '../facts.ts';
import { type FillOptions, fillSlot } from '../fill-slot.ts';
import type { PlanDraft } from '../plan-draft.ts';
import { keptReplicas } from '../reconcile.ts';
import { isHealthy } from '../replica-state.ts';
import type { RolloutMove } from '../service-plan.ts';
import type { Situation } from '../situation.ts';
import { type SlotKey, slotKey, slotKeyOf } from '../slot.ts';
import {
  contextOf,
  noSlots,
  type PinnedRevision,
  pinnedRevision,
  type RolloutContext,
  type StageResult,
  strategyOf,
} from './context.ts';
import { switchOver } from './blue-green.ts';
import type { UnrecordedFailure } from './failures.ts';
import { decision } from './record.ts';
import { advance } from './rolling.ts';

/** Holds everything as it is, and says what is missing. */
export function preparing(draft: PlanDraft, rollout: Rollout): StageResult {
  const { situation } = draft;
  holdStill(draft);
  const target = situation.revision(rollout.toRevision);
  if (target === null) return waiting(`revision ${rollout.toRevision} to be known`);
  const gate =
    preflightGate(situation, rollout) ?? dependencyGate(situation, rollout, target) ?? imageGate(situation, rollout);
  if (gate !== null) return gate;
  const context = contextOf(draft, rollout);
  if (context === null) return resolveImage(draft, target);
  return placeImages(context);
}

/** Nothing is moved; what dies meanwhile comes back as it was. */
function holdStill(draft: PlanDraft): void {
  const { situation } = draft;
  // Not what the rollout comes from: that is what failed, where this is a way back.
  const serving = pinnedRevision(situation, situation.facts.service.servingRevision);
  for (const replica of keptReplicas(situation)) draft.keep(replica);
  if (serving !== null) {
    const { revision } = serving;
    const slots = situation.slots(revision);
    const options: FillOptions = {
      ...serving,
      order: revision.spec.update.order,
      isAlone: slots.length <= 1,
      healthDeadlineMs: revision.spec.update.healthDeadlineMs,
      group: 'new',
      untold: noSlots,
      standstill: null,
    };
    const taken = slotsOfOthers(situation, serving);
    for (const slot of slots) if (!taken.has(slotKey(slot))) fillSlot(draft, slot, options);
  }
  for (const replica of situation.live) {
    if (replica.phase === 'running' && situation.isProven(replica)) draft.serve(replica);
    else draft.keep(replica);
  }
}

/** Slots that a replica of another template works in, left by a rollout that was superseded. */
function slotsOfOthers(situation: Situation, { revision, hash }: PinnedRevision): Set<SlotKey> {
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

/** Only a deploy is looked at beforehand: what a way back leads to has run here. */
function preflightGate({ facts, nowMs }: Situation, { kind }: Rollout): StageResult | null {
  if (kind !== 'deploy') return null;
  if (facts.preflightProblems === null) return waiting('the preflight');
  if (facts.preflightProblems.length === 0) return null;
  const problems = facts.preflightProblems.join(' ');
  return { ...waiting(problems), breach: breach(decision(nowMs, 'preflight', 'failed', problems)) };
}

/** Every slot gets a host, every such host the image; then it begins. */
function placeImages(context: RolloutContext): StageResult {
  const { draft, situation, target, hash, slots } = context;
  const without: HostFacts[] = [];
  const hosts = new Set<string>();
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
    hosts.add(answer.host.name);
    if (target.digest === null || !answer.host.images.has(target.digest)) without.push(answer.host);
  }
  if (without.length > 0) return bringing(draft, target, without);
  if (placed === 0 && (nowhere !== null || target.spec.mode.kind === 'global')) {
    return { ...waiting(`a host that fits: ${nowhere ?? situation.scheduler.explain(target)}`), isUnderDeadline: true };
  }
  return { ...waiting(null), wanted: slots.length, next: begin(context, hosts) };
}

function begin(context: RolloutContext, hosts: ReadonlySet<string>): RolloutMove {
  const { situation, rollout, slots, hash, target } = context;
  const { nowMs } = situation;
  const isReady = slots.every((slot) => situation.liveIn(slotKey(slot), hash, target).some(isHealthy));
  const names = [...hosts].join(', ');
  const entries = [
    ...(rollout.kind === 'deploy' ? [decision(nowMs, 'preflight', 'passed', 'Nothing stands against it')] : []),
    ...(names === ''
      ? []
      : [decision(nowMs, 'image', 'passed', `The image is on ${names}`, { durationMs: nowMs - rollout.startedAtMs })]),
  ];
  if (strategyOf(context) === 'rolling') return advance(context, { name: 'replacing', lastBatchAtMs: null }, entries);
  if (rollout.kind !== 'deploy' && isReady) return switchOver(context);
  return advance(context, { name: 'starting' }, entries);
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
