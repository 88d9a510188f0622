/** Keeps one slot filled: made, started, replaced when it fails, moved off a host that is emptied. */
import type { Revision } from '#shared/model/service.ts';
import type { Replica } from './facts.ts';
import type { GroupName, PlanDraft } from './plan-draft.ts';
import { endText, endedAtMs, healthDueAtMs, isComplete, isFailing, isHealthy } from './replica-state.ts';
import { type LastAttempt, restartVerdict } from './restart-policy.ts';
import { isNewer, type Situation } from './situation.ts';
import { type Slot, type SlotKey, slotKey } from './slot.ts';

/** How a slot is to be filled. */
export interface FillOptions {
  readonly revision: Revision;
  readonly hash: string;
  readonly order: 'start-first' | 'stop-first';
  /** No other slot could go on meanwhile. */
  readonly isAlone: boolean;
  readonly healthDeadlineMs: number;
  readonly group: GroupName;
  /** Failed, and the rollout's record does not say so yet: nothing of these slots is touched. */
  readonly untold: ReadonlySet<SlotKey>;
  /** Null to make what is missing; else why nothing is made now. */
  readonly standstill: string | null;
}

/** What became of it. */
export interface FilledSlot {
  readonly slot: Slot;
  /** The live replica that has it; null while there is none that counts. */
  readonly holder: Replica | null;
  /** Healthy, or done with its work. */
  readonly isGood: boolean;
}

/** Decides about everything with this template in this slot. */
export function fillSlot(draft: PlanDraft, slot: Slot, options: FillOptions): FilledSlot {
  const { situation } = draft;
  const { revision, hash, healthDeadlineMs, group } = options;
  draft.remember(slot, hash, revision);
  const isPoor = (replica: Replica): boolean => isFailing(replica, healthDeadlineMs, situation.nowMs);
  const members = situation.liveIn(slotKey(slot), hash, revision).sort((a, b) => preference(situation, a, b));
  const [holder, ...others] = members.filter((replica) => !isPoor(replica) && !situation.isLeaving(replica));
  if (members.length === 0 && options.order === 'stop-first' && situation.isEmptying(slotKey(slot), revision)) {
    draft.pend(revision, slot, 'the one before is being stopped', null);
    return { slot, holder: null, isGood: false };
  }
  if (options.untold.has(slotKey(slot))) {
    for (const replica of members) draft.serve(replica, group);
    return { slot, holder: holder ?? null, isGood: false };
  }
  if (holder !== undefined) {
    draft.serve(holder, group);
    if (holder.phase === 'created') draft.start(holder);
    const dueAtMs = healthDueAtMs(holder, healthDeadlineMs);
    if (dueAtMs !== null) draft.wake(dueAtMs);
    for (const replica of others) draft.retire(replica, `slot ${slot.number} has another one`);
    for (const replica of members) {
      if (isHealthy(holder)) draft.retire(replica, `${whyReplaced(situation, replica)}; another one has taken over`);
      else draft.serve(replica, group);
    }
    return { slot, holder, isGood: isHealthy(holder) };
  }

  const [worn, ...rest] = members;
  for (const replica of rest) draft.retire(replica, whyReplaced(situation, replica));
  const isComplete = fillAnew(draft, slot, worn ?? null, options);
  if (worn !== undefined) draft.serve(worn, group);
  return { slot, holder: worn ?? null, isGood: isComplete || (worn !== undefined && isHealthy(worn)) };
}

/**
 * Nothing sound is in the slot; `worn` is the best of what runs there and has to be replaced.
 * Answers whether nothing is missing, since the slot's work is done.
 */
function fillAnew(draft: PlanDraft, slot: Slot, worn: Replica | null, options: FillOptions): boolean {
  const { situation } = draft;
  const { revision, order, standstill, isAlone } = options;
  const next = nextAttempt(situation, slot, worn, options);
  if (next.kind === 'complete') return true;
  if (next.kind === 'leave' || standstill !== null) {
    draft.pend(revision, slot, next.kind === 'leave' ? next.why : (standstill ?? ''), null);
  } else if (next.atMs > situation.nowMs) {
    draft.pend(revision, slot, next.why, next.atMs);
  } else if (worn === null || order === 'start-first') {
    placeReplica(draft, revision, slot, next);
  } else if (situation.scheduler.fitting(revision).length === 0) {
    draft.pend(revision, slot, situation.scheduler.explain(revision), null);
  } else if (isAlone || !isHealthy(worn)) {
    draft.dismiss(worn, whyReplaced(situation, worn));
  } else {
    draft.retire(worn, whyReplaced(situation, worn));
  }
  return false;
}

/** Makes a container on the best host, or says what is missing. */
function placeReplica(
  draft: PlanDraft,
  revision: Revision,
  slot: Slot,
  { attempt, avoid }: Extract<NextAttempt, { kind: 'make' }>,
): void {
  const { situation } = draft;
  const answer = situation.scheduler.place(revision, slot.hostId, avoid);
  if (answer.kind === 'nowhere') {
    draft.pend(revision, slot, answer.why, null);
    return;
  }
  const { host } = answer;
  if (revision.digest !== null && host.images.has(revision.digest)) {
    draft.create(revision, slot, host.id, attempt);
    return;
  }
  draft.prepare(host.id, revision);
  const failure = situation.facts.imageFailures.find(
    (each) => each.hostId === host.id && each.revision === revision.number,
  );
  const why = failure === undefined ? `its image is being brought to ${host.name}` : failure.message;
  draft.pend(revision, slot, why, null);
}

type NextAttempt =
  | {
      readonly kind: 'make';
      readonly attempt: number;
      readonly atMs: number;
      /** Why it has to be waited until then. */
      readonly why: string;
      /** The host that refused the last one. */
      readonly avoid: Replica['hostId'] | null;
    }
  | { readonly kind: 'complete' }
  | { readonly kind: 'leave'; readonly why: string };

/** What follows from how the slot's newest container went. */
function nextAttempt(
  situation: Situation,
  slot: Slot,
  worn: Replica | null,
  { revision, hash, healthDeadlineMs }: FillOptions,
): NextAttempt {
  const { nowMs, facts } = situation;
  const first: NextAttempt = { kind: 'make', attempt: 1, atMs: nowMs, why: '', avoid: null };
  const ended = situation.lastEnded(slotKey(slot), hash, revision);
  const newest = ended !== null && (worn === null || isNewer(ended, worn)) ? ended : worn;
  const refusal = facts.refusals.find(
    (each) =>
      each.revision === revision.number &&
      (slot.hostId === null ? each.slot === slot.number : each.hostId === slot.hostId),
  );
  const { restart } = revision.spec;
  if (refusal !== undefined && (newest === null || refusal.atMs >= newest.createdAtMs)) {
    const verdict = restartVerdict(
      // Nothing has run yet: whatever the policy says of replicas that ended, this one was never there.
      { ...restart, condition: 'any' },
      { attempt: refusal.attempt, startedAtMs: null, failedAtMs: refusal.atMs, exitCode: null, isExcused: false },
    );
    return fromVerdict(verdict, refusal.message, refusal.hostId);
  }
  if (newest === null) return first;
  if (newest === worn) {
    // One that only has to leave its host has not failed.
    if (!isFailing(worn, healthDeadlineMs, nowMs)) return first;
    const last = lastAttemptOf(situation, worn, worn.health.sinceMs);
    return fromVerdict(restartVerdict(restart, last), worn.health.detail || 'it is not healthy', null);
  }
  if (isComplete(newest, restart)) return { kind: 'complete' };
  return fromVerdict(
    restartVerdict(restart, lastAttemptOf(situation, newest, endedAtMs(newest))),
    endText(newest),
    null,
  );
}

function lastAttemptOf(situation: Situation, replica: Replica, failedAtMs: number): LastAttempt {
  const { attempt, restarts, startedAtMs, exitCode, phase } = replica;
  return {
    // Those of its engine count too: whoever waits longer leaves the next one to the other.
    attempt: attempt + restarts,
    startedAtMs,
    failedAtMs,
    exitCode: phase === 'ended' ? exitCode : null,
    isExcused: situation.isExcused(replica),
  };
}

function fromVerdict(
  verdict: ReturnType<typeof restartVerdict>,
  because: string,
  avoid: Replica['hostId'] | null,
): NextAttempt {
  switch (verdict.kind) {
    case 'complete':
      return { kind: 'complete' };
    case 'leave':
      return { kind: 'leave', why: `${because}; ${verdict.why}` };
    case 'retry':
      return { kind: 'make', attempt: verdict.attempt, atMs: verdict.atMs, why: because, avoid };
  }
}

function whyReplaced(situation: Situation, replica: Replica): string {
  if (situation.isApart(replica)) return 'its stack is on another host';
  if (situation.isLeaving(replica)) return 'its host is being emptied';
  return replica.health.detail === '' ? 'it is not healthy' : `it is not healthy: ${replica.health.detail}`;
}

/** The better one first: healthy, taking traffic, running, then the older one. */
function preference(situation: Situation, a: Replica, b: Replica): number {
  return (
    Number(isHealthy(b)) - Number(isHealthy(a)) ||
    Number(situation.isLeaving(a)) - Number(situation.isLeaving(b)) ||
    Number(b.traffic === 'ready') - Number(a.traffic === 'ready') ||
    Number(b.phase === 'running') - Number(a.phase === 'running') ||
    (isNewer(a, b) ? 1 : -1)
  );
}
