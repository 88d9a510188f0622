/** Has git commands run by a helper process, starting one when there is none. */
import { GitFailure } from '../../ports/git.ts';
import { type Command, type CommandAnswer, HelperProcess, type HelperProgram } from './helper-process.ts';

/** How long the end waits for commands that run. The helper ends after them by itself. */
const closeMs = 5_000;

export class GitHelper {
  readonly #program: HelperProgram;
  #process: HelperProcess | null = null;
  #isClosed = false;

  constructor(program: HelperProgram) {
    this.#program = program;
  }

  /**
   * Runs one command. Rejects with `GitInterrupted` when the helper ends meanwhile: whether the
   * command had begun or finished is not known, so it is not sent again from here.
   */
  async run(command: Command): Promise<CommandAnswer> {
    if (this.#isClosed)
      throw new GitFailure('Gantry is closing, so git was not started. Nothing was changed.', null, '');
    if (this.#process === null || this.#process.hasEnded) this.#process = new HelperProcess(this.#program);
    return this.#process.ask(command);
  }

  /** Lets commands that run finish, and ends the helper. No further ones are accepted. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#process?.finish(closeMs);
  }
}
