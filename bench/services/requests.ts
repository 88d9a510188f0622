/** Requests through the edge, and to a bare replica, by wrk; and who answers while traffic is switched. */
import { isInstalled, run } from './commands.ts';

const secondsEach = 6;
const connections = 32;

/** Requests per second by wrk that were answered well; null where it is not installed. */
export async function requestsPerSecond(url: string): Promise<number | null> {
  if (!isInstalled('sh', '-c', 'command -v wrk')) return null;
  const output = await run('wrk', ['-t', '1', '-c', String(connections), '-d', `${secondsEach}s`, url]);
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(output)?.[1];
  if (rate === undefined) throw new Error(`wrk did not say a rate: ${output}`);
  // A refusal is quicker than an answer: counted, it would look like speed.
  const refused = /Non-2xx or 3xx responses:\s+(\d+)/.exec(output)?.[1] ?? '0';
  return Number(rate) - Number(refused) / secondsEach;
}

/** Asks without a pause, and remembers when who answered. */
export class Witness {
  readonly #url: string;
  readonly #answers: { atMs: number; body: string }[] = [];
  #stopped = false;
  readonly #done: Promise<void>;

  constructor(url: string) {
    this.#url = url;
    this.#done = this.#ask();
  }

  /** The newest answer. */
  get last(): string | null {
    return this.#answers.at(-1)?.body ?? null;
  }

  /** When `body` was answered last, by `performance.now()`. */
  lastOf(body: string): number | null {
    return this.#answers.findLast((answer) => answer.body === body)?.atMs ?? null;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #ask(): Promise<void> {
    while (!this.#stopped) {
      const body = await (await fetch(this.#url)).text();
      this.#answers.push({ atMs: performance.now(), body });
    }
  }
}
