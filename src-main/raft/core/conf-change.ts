/**
 * How a membership change turns one configuration into the next (thesis §4.3, with etcd's
 * rules for learners). Pure: a changed copy is built, checked and returned; the reason
 * comes back when a change makes no sense.
 *
 * A single voter may change at once, because the majorities before and after overlap.
 * Anything more goes through a joint configuration, in which both majorities decide, until
 * an empty change leaves it.
 */
import { assert } from '#shared/base/assert.ts';
import { fail, ok, type Result } from '#shared/base/result.ts';
import type { ConfChange, ConfState, PeerId } from './message.ts';

/** The configuration before anything is known: nobody votes. */
export const emptyConfState: ConfState = {
  voters: [],
  votersOutgoing: [],
  learners: [],
  learnersNext: [],
  autoLeave: false,
};

/** Whether two majorities are needed at the moment. */
export function isJoint(conf: ConfState): boolean {
  return conf.votersOutgoing.length > 0;
}

/** Whether the peer's vote and acknowledgement count, in either half. */
export function isVoter(conf: ConfState, peer: PeerId): boolean {
  return conf.voters.includes(peer) || conf.votersOutgoing.includes(peer);
}

/** Everyone who is sent the log, sorted. */
export function membersOf(conf: ConfState): PeerId[] {
  return sorted(new Set([...conf.voters, ...conf.votersOutgoing, ...conf.learners]));
}

/** Whether the change asks to leave a joint configuration. */
export function leavesJoint(change: ConfChange): boolean {
  return change.steps.length === 0;
}

/** The configuration after `change`, or why it is refused. */
export function changedConf(conf: ConfState, change: ConfChange): Result<ConfState, string> {
  if (leavesJoint(change)) return isJoint(conf) ? ok(withoutOutgoing(conf)) : fail('not in a joint configuration');
  if (isJoint(conf)) return fail('a joint configuration has to be left first');
  const draft = new Draft(conf);
  const joint = change.transition !== 'auto' || change.steps.length > 1;
  if (joint) draft.enterJoint(change.transition !== 'joint-explicit');
  for (const step of change.steps) {
    if (!Number.isSafeInteger(step.peer) || step.peer <= 0) return fail(`${step.peer} is not a peer id`);
    if (step.action === 'add-voter') draft.addVoter(step.peer);
    else if (step.action === 'add-learner') draft.addLearner(step.peer);
    else draft.remove(step.peer);
  }
  const next = draft.toConfState();
  if (next.voters.length === 0) return fail('no voter would be left');
  return ok(next);
}

/** Throws `AssertionError` unless the configuration is well formed. */
export function assertConfState(conf: ConfState): void {
  for (const list of [conf.voters, conf.votersOutgoing, conf.learners, conf.learnersNext]) {
    for (const [at, peer] of list.entries()) {
      assert(Number.isSafeInteger(peer) && peer > 0, `${peer} is not a peer id`);
      assert(at === 0 || (list[at - 1] ?? peer) < peer, 'a configuration is sorted and without doubles');
    }
  }
  for (const learner of conf.learners) assert(!isVoter(conf, learner), `${learner} is a voter and a learner`);
  for (const learner of conf.learnersNext) {
    assert(conf.votersOutgoing.includes(learner), `${learner} is to become a learner, but is no outgoing voter`);
    assert(!conf.voters.includes(learner), `${learner} is to become a learner, but is an incoming voter`);
  }
  if (isJoint(conf)) return;
  assert(conf.learnersNext.length === 0 && !conf.autoLeave, 'only a joint configuration has something to leave');
}

/** Whether both say the same. Relies on both being sorted. */
export function sameConf(left: ConfState, right: ConfState): boolean {
  return JSON.stringify(fieldsOf(left)) === JSON.stringify(fieldsOf(right));
}

function fieldsOf(conf: ConfState): unknown[] {
  return [conf.voters, conf.votersOutgoing, conf.learners, conf.learnersNext, conf.autoLeave];
}

function withoutOutgoing(conf: ConfState): ConfState {
  return {
    voters: conf.voters,
    votersOutgoing: [],
    learners: sorted(new Set([...conf.learners, ...conf.learnersNext])),
    learnersNext: [],
    autoLeave: false,
  };
}

function sorted(peers: ReadonlySet<PeerId>): PeerId[] {
  return [...peers].sort((left, right) => left - right);
}

/** A configuration in the making. */
class Draft {
  readonly #voters: Set<PeerId>;
  readonly #outgoing: Set<PeerId>;
  readonly #learners: Set<PeerId>;
  readonly #learnersNext: Set<PeerId>;
  #autoLeave: boolean;

  constructor(conf: ConfState) {
    this.#voters = new Set(conf.voters);
    this.#outgoing = new Set(conf.votersOutgoing);
    this.#learners = new Set(conf.learners);
    this.#learnersNext = new Set(conf.learnersNext);
    this.#autoLeave = conf.autoLeave;
  }

  enterJoint(autoLeave: boolean): void {
    for (const voter of this.#voters) this.#outgoing.add(voter);
    this.#autoLeave = autoLeave;
  }

  addVoter(peer: PeerId): void {
    this.#learners.delete(peer);
    this.#learnersNext.delete(peer);
    this.#voters.add(peer);
  }

  addLearner(peer: PeerId): void {
    this.remove(peer);
    // An outgoing voter votes until the joint configuration is left: only then may it be a learner.
    if (this.#outgoing.has(peer)) this.#learnersNext.add(peer);
    else this.#learners.add(peer);
  }

  remove(peer: PeerId): void {
    this.#voters.delete(peer);
    this.#learners.delete(peer);
    this.#learnersNext.delete(peer);
  }

  toConfState(): ConfState {
    return {
      voters: sorted(this.#voters),
      votersOutgoing: sorted(this.#outgoing),
      learners: sorted(this.#learners),
      learnersNext: sorted(this.#learnersNext),
      autoLeave: this.#autoLeave,
    };
  }
}
