/**
 * A client on the network of an engine of one's own, where the ports are that it publishes: a process
 * there asks, and tells this one what came. This file is both sides: run as a program it is the other.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { OwnEngine } from '../docker/own-engine.fixture.ts';
import { systemClock } from '../platform/clock.ts';
import { LoadClient, type LoadCounts } from './drive/load-client.ts';

/** What one request brought; null without an answer. */
export type NearAnswer = { readonly status: number; readonly text: string } | null;

type Question =
  | { readonly id: number; readonly kind: 'get'; readonly url: string }
  | { readonly id: number; readonly kind: 'load'; readonly url: string; readonly requestsPerSecond: number }
  | { readonly id: number; readonly kind: 'endLoad' };

type QuestionWords = Question extends infer Q ? (Q extends Question ? Omit<Q, 'id'> : never) : never;

const answerMsMax = 3_000;
const loadMsMax = 600_000;

export class NearClient {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #asked = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.on('message', ({ id, answer }: { id: number; answer: unknown }) => {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
  }

  static on(engine: OwnEngine): NearClient {
    const program = [process.execPath, fileURLToPath(import.meta.url)] as const;
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
    return new NearClient(engine.spawnOnNetwork(program[0], [program[1]], { stdio: [...stdio] }));
  }

  async get(url: string): Promise<NearAnswer> {
    return (await this.#ask({ kind: 'get', url })) as NearAnswer;
  }

  /** Begins a constant load, one at a time. */
  async beginLoad(url: string, requestsPerSecond: number): Promise<void> {
    await this.#ask({ kind: 'load', url, requestsPerSecond });
  }

  /** Waits for the answers that are under way. */
  async endLoad(): Promise<LoadCounts> {
    return (await this.#ask({ kind: 'endLoad' })) as LoadCounts;
  }

  async dispose(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }

  #ask(question: QuestionWords): Promise<unknown> {
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#process.send({ ...question, id });
    });
  }
}

/** The other side: answers until it is let go of. */
function serve(): void {
  let load: LoadClient | null = null;
  const answerTo = async (question: Question): Promise<unknown> => {
    switch (question.kind) {
      case 'get':
        return get(question.url);
      case 'load': {
        const { url, requestsPerSecond } = question;
        load = new LoadClient({ url, requestsPerSecond, forMs: loadMsMax, clock: systemClock });
        return null;
      }
      case 'endLoad': {
        const ending = load;
        if (ending === null) return null;
        const over = new Promise((resolve) => ending.onDidEnd(resolve));
        ending.dispose();
        return over;
      }
    }
  };
  process.on('message', (question: Question) => {
    void answerTo(question).then((answer) => process.send?.({ id: question.id, answer }));
  });
  process.once('disconnect', () => process.exit());
}

async function get(url: string): Promise<NearAnswer> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(answerMsMax), headers: { connection: 'close' } });
    return { status: answer.status, text: await answer.text() };
  } catch {
    // Nobody answered: that is what is to be told.
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve();
