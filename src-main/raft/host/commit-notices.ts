/**
 * Appends that only tell followers a commit index. They wait a little for an append with
 * entries, which tells it too and takes their place: fewer messages, and as many fewer answers.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Message, MessageOf, PeerId } from '../core/message.ts';

/** How long followers wait at most for the news of a commit; their readers see it no sooner. */
const delayMs = 2;

/** See the file's comment. Holds at most the newest of each peer. */
export class CommitNotices implements Disposable {
  readonly #clock: Clock;
  readonly #send: (notices: readonly Message[]) => void;
  readonly #held = new Map<PeerId, MessageOf<'append'>>();
  #timer: Disposable | null = null;

  constructor(clock: Clock, send: (notices: readonly Message[]) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Keeps back what may wait and answers the rest. */
  hold(messages: readonly Message[]): Message[] {
    const urgent: Message[] = [];
    for (const message of messages) {
      if (message.type === 'append' && message.entries.length === 0) this.#held.set(message.to, message);
      else urgent.push(message);
    }
    if (this.#held.size > 0) this.#timer ??= this.#clock.after(delayMs, () => this.#release());
    return urgent;
  }

  /** `message` leaves: an append that tells as much takes the place of what is held for its peer. */
  sent(message: Message): void {
    if (message.type !== 'append') return;
    // One of the same round can be older: entries for a peer that lags, then what another's answer committed.
    const held = this.#held.get(message.to);
    if (held && held.commit <= message.commit) this.#held.delete(message.to);
  }

  clear(): void {
    this.#held.clear();
  }

  dispose(): void {
    this.#timer?.dispose();
  }

  #release(): void {
    this.#timer = null;
    const notices = [...this.#held.values()];
    this.#held.clear();
    if (notices.length > 0) this.#send(notices);
  }
}
