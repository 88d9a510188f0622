/**
 * Brings commands to the leader until one answers. A command carries its session and sequence,
 * so it applies once, however often it is sent: after a change of leader, and after a node died
 * with it.
 */
import { assert } from '#shared/base/assert.ts';
import type { Disposable } from '#shared/base/disposable.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Command, CommandKind, CommandOf, CommandOutcome } from '../../state/command.ts';
import { decodeOutcome, encodeProposal } from '../../state/proposal.ts';
import { sessionWindow } from '../../state/sessions.ts';
import type { PeerId } from '../core/message.ts';
import type { ProposalOutcome } from '../host/proposal-queue.ts';

/** In flight at most: the state machine remembers as many answers of a session, here with room to spare. */
const spanMax = sessionWindow - 128;
/** Waits at most: beyond it a caller is refused at once. */
const waitingMax = 50_000;
const proposeTimeoutMs = 10_000;
const retryMs = 20;

interface Request {
  readonly sequence: number;
  readonly data: Uint8Array;
  readonly deadlineMs: number;
  readonly settle: (answer: Uint8Array) => void;
  readonly reject: (error: Error) => void;
  sentTo: PeerId | null;
  everSent: boolean;
}

export interface ProposerOptions {
  /** Unique to this life of this process. */
  readonly session: string;
  readonly clock: Clock;
  /** The leader as far as is known. */
  readonly leader: () => PeerId | null;
  readonly send: (to: PeerId, proposals: readonly { id: number; data: Uint8Array }[]) => void;
  /** What to tell a caller whose command could not be committed in time. */
  readonly explain: (wasSent: boolean) => GantryError;
}

/** See the file's comment. */
export class Proposer implements Disposable {
  readonly #options: ProposerOptions;
  readonly #open = new Map<number, Request>();
  /** Sequences that wait for a leader or for room, oldest first. */
  #waiting: number[] = [];
  #lastSequence = 0;
  /** Everything up to here is settled. */
  #settledThrough = 0;
  #flushScheduled = false;
  readonly #timer: Disposable;
  #closed = false;
  #acknowledgedIndex = 0;
  #committed = 0;

  constructor(options: ProposerOptions) {
    this.#options = options;
    this.#timer = options.clock.every(retryMs, () => {
      if (this.#open.size === 0) return;
      this.#expire();
      this.flush();
    });
  }

  /** The highest log index that was acknowledged to a caller. */
  get acknowledgedIndex(): number {
    return this.#acknowledgedIndex;
  }

  /** Commands acknowledged so far. */
  get committed(): number {
    return this.#committed;
  }

  propose<Kind extends CommandKind>(command: CommandOf<Kind> & Command): Promise<CommandOutcome<Kind>> {
    const { session, clock } = this.#options;
    if (this.#closed) return Promise.reject(closedError());
    if (this.#waiting.length >= waitingMax) {
      const message = `${waitingMax} changes wait to be written already. Nothing was changed; try again in a moment.`;
      return Promise.reject(new GantryError('unavailable', message, { retryable: true }));
    }
    this.#lastSequence += 1;
    const sequence = this.#lastSequence;
    const data = new Uint8Array(encodeProposal({ session, sequence, command }));
    return new Promise((resolve, reject) => {
      this.#open.set(sequence, {
        sequence,
        data,
        deadlineMs: clock.monotonicMs() + proposeTimeoutMs,
        settle: (answer) => resolve(decodeOutcome<Kind>(answer)),
        reject,
        sentTo: null,
        everSent: false,
      });
      this.#waiting.push(sequence);
      this.#scheduleFlush();
    });
  }

  /** A node answered. Answers of a node that the command is no longer at count only when they are final. */
  onOutcome(from: PeerId, sequence: number, outcome: ProposalOutcome): void {
    const request = this.#open.get(sequence);
    if (!request) return;
    if (outcome.kind === 'applied') {
      this.#acknowledgedIndex = Math.max(this.#acknowledgedIndex, outcome.index);
      this.#committed += 1;
      this.#close(request);
      request.settle(outcome.answer);
      return;
    }
    if (request.sentTo !== from) return;
    // The leader that the node names, if any, is not surer than what is known here: the next
    // flush goes to whoever leads then.
    this.#putBack(request);
  }

  /** The node is gone: what it had is uncertain. */
  onNodeGone(peer: PeerId): void {
    for (const request of this.#open.values()) if (request.sentTo === peer) this.#putBack(request);
    this.#scheduleFlush();
  }

  /** Another node leads: what the old one has may never be answered. */
  onLeaderChanged(): void {
    const leader = this.#options.leader();
    if (leader === null) return;
    for (const request of this.#open.values()) {
      if (request.sentTo !== null && request.sentTo !== leader) this.#putBack(request);
    }
    this.#scheduleFlush();
  }

  /** Sends what waits. */
  flush(): void {
    const leader = this.#options.leader();
    if (leader === null || this.#waiting.length === 0 || this.#closed) return;
    const batch: { id: number; data: Uint8Array }[] = [];
    let taken = 0;
    for (const sequence of this.#waiting) {
      // An older one that is still open must find its place in the session's memory.
      if (sequence > this.#settledThrough + spanMax) break;
      taken += 1;
      const request = this.#open.get(sequence);
      if (!request) continue;
      request.sentTo = leader;
      request.everSent = true;
      batch.push({ id: sequence, data: request.data });
    }
    this.#waiting.splice(0, taken);
    if (batch.length > 0) this.#options.send(leader, batch);
  }

  /** Rejects what is still open. */
  dispose(): void {
    this.#closed = true;
    this.#timer.dispose();
    for (const request of [...this.#open.values()]) {
      this.#close(request);
      request.reject(closedError());
    }
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    // Whatever is proposed in the same turn travels together.
    queueMicrotask(() => {
      this.#flushScheduled = false;
      this.flush();
    });
  }

  #putBack(request: Request): void {
    request.sentTo = null;
    const at = this.#waiting.findIndex((sequence) => sequence > request.sequence);
    this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, request.sequence);
  }

  #close(request: Request): void {
    this.#open.delete(request.sequence);
    if (request.sequence !== this.#settledThrough + 1) return;
    while (this.#settledThrough < this.#lastSequence && !this.#open.has(this.#settledThrough + 1)) {
      this.#settledThrough += 1;
    }
    assert(this.#settledThrough <= this.#lastSequence, 'only what was proposed is settled');
    if (this.#waiting.length > 0) this.#scheduleFlush();
  }

  #expire(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const request of [...this.#open.values()]) {
      // Sequences and deadlines grow together.
      if (request.deadlineMs > nowMs) return;
      this.#close(request);
      request.reject(this.#options.explain(request.everSent));
    }
  }
}

function closedError(): GantryError {
  return new GantryError('unavailable', 'The control plane is shutting down.', { retryable: true });
}
