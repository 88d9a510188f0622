/** Changes who votes, through the leader, and waits until the change is in force. */
import type { Disposable } from '#shared/base/disposable.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ConfChange, ConfState } from '../core/message.ts';
import type { ProposalDropped } from '../core/raw-node-api.ts';
import type { NodeStatus } from '../host/node-status.ts';
import type { ClusterNode } from './cluster-node.ts';

const checkMs = 50;
/** A refused or lost change is proposed again after so long. */
const proposeAgainMs = 1_000;
const timeoutMs = 60_000;

interface Goal {
  readonly reached: (leader: NodeStatus) => boolean;
  readonly change: ConfChange | null;
  readonly what: string;
  readonly deadlineMs: number;
  proposedMs: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface MembershipOptions {
  readonly clock: Clock;
  readonly leader: () => ClusterNode | null;
}

/** See the file's comment. Goals are pursued one after the other by their callers. */
export class Membership implements Disposable {
  readonly #options: MembershipOptions;
  readonly #timer: Disposable;
  #goals: Goal[] = [];
  #lastId = 0;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#timer = options.clock.every(checkMs, () => this.#check());
  }

  /** Proposes `change` until the leader's configuration is as `reached` wants it. Repeating it is harmless. */
  change(change: ConfChange, what: string, reached: (conf: ConfState) => boolean): Promise<void> {
    return this.#pursue(change, what, (leader) => reached(leader.confState));
  }

  /** Waits until the leader's picture satisfies `reached`. */
  until(what: string, reached: (leader: NodeStatus) => boolean): Promise<void> {
    return this.#pursue(null, what, reached);
  }

  /** A leader took a proposal, or dropped it and may be asked again at the next check. */
  onAnswer(_id: number, dropped: ProposalDropped | null): void {
    if (dropped === null) return;
    for (const goal of this.#goals) goal.proposedMs = Number.NEGATIVE_INFINITY;
  }

  dispose(): void {
    this.#timer.dispose();
    for (const goal of this.#goals) goal.reject(failure(goal, 'the control plane is shutting down'));
    this.#goals = [];
  }

  #pursue(change: ConfChange | null, what: string, reached: (leader: NodeStatus) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadlineMs = this.#options.clock.monotonicMs() + timeoutMs;
      this.#goals.push({ change, what, reached, deadlineMs, proposedMs: Number.NEGATIVE_INFINITY, resolve, reject });
      this.#check();
    });
  }

  #check(): void {
    if (this.#goals.length === 0) return;
    const nowMs = this.#options.clock.monotonicMs();
    const leader = this.#options.leader();
    const open: Goal[] = [];
    for (const goal of this.#goals) {
      if (leader?.status && goal.reached(leader.status)) goal.resolve();
      else if (goal.deadlineMs <= nowMs) goal.reject(failure(goal, 'it took too long'));
      else open.push(goal);
    }
    this.#goals = open;
    for (const goal of open) {
      if (!goal.change || !leader || nowMs - goal.proposedMs < proposeAgainMs) continue;
      goal.proposedMs = nowMs;
      this.#lastId += 1;
      leader.post({ type: 'conf-change', id: this.#lastId, change: goal.change });
    }
  }
}

function failure(goal: Goal, why: string): GantryError {
  const message = `${goal.what} was not reached: ${why}. The nodes that voted before still do; try again.`;
  return new GantryError('unavailable', message, { retryable: true });
}
