import type { Disposable } from '#shared/base/disposable.ts';
import type { Clock } from '../../ports/clock.ts';

const gatherMs = 100;
const gatherCharsMax = 8_192;

/**
 * Turns lines of output into messages: those that come close together make one, so that a
 * command that prints a thousand lines at once is a few events and not a thousand.
 */
export class MessageLines {
  readonly #clock: Clock;
  readonly #emit: (text: string) => void;
  #gathered: string[] = [];
  #chars = 0;
  #timer: Disposable | null = null;

  constructor(clock: Clock, emit: (text: string) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  add(line: string): void {
    this.#gathered.push(line);
    this.#chars += line.length + 1;
    if (this.#chars >= gatherCharsMax) this.flush();
    else this.#timer ??= this.#clock.after(gatherMs, () => this.flush());
  }

  /** Emits what has gathered; call once more after the last line. */
  flush(): void {
    this.#timer?.dispose();
    this.#timer = null;
    if (this.#gathered.length === 0) return;
    const text = this.#gathered.join('\n');
    this.#gathered = [];
    this.#chars = 0;
    if (text.trim() !== '') this.#emit(text);
  }
}
