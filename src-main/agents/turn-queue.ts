/** What the person wants an agent to do, turn by turn; shared by the adapters that keep a session. */
export class TurnQueue {
  readonly #waiting: string[] = [];
  #wake: ((prompt: string | null) => void) | null = null;
  #closed = false;

  /** Adds a prompt for the next turn. */
  add(prompt: string): void {
    const wake = this.#wake;
    this.#wake = null;
    if (wake) wake(prompt);
    else this.#waiting.push(prompt);
  }

  /** The oldest prompt that waits, if any. */
  take(): string | null {
    return this.#waiting.shift() ?? null;
  }

  /** The oldest prompt, or the next one that is added; null once the queue is closed. */
  async next(): Promise<string | null> {
    const waiting = this.take();
    if (waiting !== null || this.#closed) return waiting;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Nobody will add anything any more. */
  close(): void {
    this.#closed = true;
    this.#wake?.(null);
    this.#wake = null;
  }
}
