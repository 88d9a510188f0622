/** What the person tells the demo agent while it works. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type DemoInput, demoInputSchema } from './demo-protocol.ts';

export class DemoInbox {
  readonly #prompts: string[] = [];
  #onPrompt: ((text: string) => void) | null = null;
  #onInterrupt: (() => void) | null = null;
  /** The person interrupted between two steps: the next one is not begun. */
  #interrupted = false;
  readonly #answers = new Map<string, (allowed: boolean) => void>();

  constructor(input: Readable) {
    createInterface({ input }).on('line', (line) => this.#take(demoInputSchema.parse(JSON.parse(line))));
  }

  /** The oldest message that nobody has taken, if any. */
  takePrompt(): string | null {
    return this.#prompts.shift() ?? null;
  }

  async nextPrompt(): Promise<string> {
    const waiting = this.takePrompt();
    if (waiting !== null) return waiting;
    return new Promise((resolve) => {
      this.#onPrompt = resolve;
    });
  }

  /** Calls back with whether the request was allowed, once it is answered. */
  onAnswer(requestId: string, callback: (allowed: boolean) => void): void {
    this.#answers.set(requestId, callback);
  }

  /** Calls `onInterrupt` when the person interrupts, until the returned function is called. */
  watchInterrupt(onInterrupt: () => void): () => void {
    this.#onInterrupt = onInterrupt;
    if (this.#interrupted) onInterrupt();
    this.#interrupted = false;
    return () => {
      this.#onInterrupt = null;
    };
  }

  #take(input: DemoInput): void {
    if (input.type === 'interrupt') {
      if (this.#onInterrupt) this.#onInterrupt();
      else this.#interrupted = true;
    } else if (input.type === 'answer') {
      this.#answers.get(input.requestId)?.(input.allowed);
      this.#answers.delete(input.requestId);
    } else if (this.#onPrompt) {
      const onPrompt = this.#onPrompt;
      this.#onPrompt = null;
      onPrompt(input.text);
    } else this.#prompts.push(input.text);
  }
}
