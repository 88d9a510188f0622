/**
 * The command line of an edge's master process. It listens on loopback inside the container and is
 * spoken with through a command that the engine runs there, kept open: nobody else on the network
 * or the host can reach it, and it works with an engine on another machine too.
 *
 * Requests are answered in their order, each answer is followed by a prompt. Some mistakes (a
 * worker that is gone) end the session, as does every reload: a new one is opened then.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import { ok } from '#shared/base/result.ts';
import type { Clock } from '../ports/clock.ts';
import type { ContainerEngine, EngineResult, ExecSession } from '../ports/engine.ts';
import { masterCli } from './edge-layout.ts';
import { refuse } from './edge-refusal.ts';

/** Answers take a millisecond; whoever needs this long does not answer any more. */
const answerMs = 5_000;
/** For the command to end when it is told to, before the engine is asked to end it. */
const goodbyeMs = 2_000;

/** Says so when the last reload failed. */
const prompt = /(^|\n)master(\[\w+\])?> /;

interface Pending {
  readonly count: number;
  readonly answers: string[];
  readonly settle: (result: EngineResult<string[]>) => void;
}

export class MasterCli implements Disposable {
  readonly #session: ExecSession;
  readonly #clock: Clock;
  readonly #pending: Pending[] = [];
  #buffer = '';
  #isOpen = true;
  readonly #closed: Promise<void>;

  private constructor(session: ExecSession, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
    this.#closed = this.#listen();
  }

  /** Refused while the balancer does not listen yet, or not any more. */
  static async open(engine: ContainerEngine, containerId: string, clock: Clock): Promise<EngineResult<MasterCli>> {
    const session = await engine.exec(containerId, ['nc', masterCli.address, String(masterCli.port)], null);
    if (!session.ok) return session;
    const cli = new MasterCli(session.value, clock);
    const greeting = await cli.ask(['prompt']);
    if (greeting.ok) return ok(cli);
    cli.dispose();
    return greeting;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Resolves when no more answers will come. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Sends all commands at once and answers what each was answered, without space around. */
  ask(commands: readonly string[]): Promise<EngineResult<string[]>> {
    if (!this.#isOpen) return Promise.resolve(closedEarly());
    return new Promise((resolve) => {
      const deadline = this.#clock.after(answerMs, () => this.#close('timeout'));
      const settle = (result: EngineResult<string[]>): void => {
        deadline.dispose();
        resolve(result);
      };
      this.#pending.push({ count: commands.length, answers: [], settle });
      void this.#session.write(Buffer.from(commands.map((command) => `${command}\n`).join('')));
    });
  }

  /** Asks the command to end. Whoever waits for an answer is refused. */
  dispose(): void {
    this.#close('refused');
  }

  async #listen(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of this.#session.output) this.#take(decoder.decode(chunk, { stream: true }));
      this.#close('refused');
    } catch (error) {
      // The connection to the engine broke; the next request opens another one.
      this.#close('refused', error instanceof Error ? error.message : String(error));
    }
  }

  #take(text: string): void {
    this.#buffer += text;
    for (;;) {
      const found = prompt.exec(this.#buffer);
      if (found === null) return;
      const answer = this.#buffer.slice(0, found.index);
      this.#buffer = this.#buffer.slice(found.index + found[0].length);
      const [first] = this.#pending;
      if (first === undefined) continue;
      first.answers.push(answer.trim());
      if (first.answers.length < first.count) continue;
      this.#pending.shift();
      first.settle(ok(first.answers));
    }
  }

  #close(reason: 'refused' | 'timeout', detail = ''): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const pending of this.#pending.splice(0)) pending.settle(closedEarly(reason, detail));
    this.#session.end();
    // A command that the engine ends by force costs another one inside: only if it does not go by itself.
    const force = this.#clock.after(goodbyeMs, () => this.#session.dispose());
    void this.#session.exit.then(() => force.dispose());
  }
}

function closedEarly<T>(reason: 'refused' | 'timeout' = 'refused', detail = ''): EngineResult<T> {
  const message =
    reason === 'timeout'
      ? `The edge did not answer within ${answerMs / 1_000} s.`
      : 'The edge closed its command line: it restarts, or has ended.';
  return refuse(reason, message, detail === '' ? message : detail);
}
