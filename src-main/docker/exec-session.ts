/**
 * Commands in running containers: interactive ones over a hijacked connection, and short ones to
 * their end. Docker has no call that ends such a command, and leaves it running when the connection
 * goes; each carries a mark in its environment, by which a second command finds and ends it.
 */
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { fail, ok } from '#shared/base/result.ts';
import type { Clock } from '../ports/clock.ts';
import type { ContainerEngine, EngineRefusal, EngineResult, ExecSession } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';
import { orNull } from './engine-answer.ts';
import { deadlines, type EngineCalls } from './engine-calls.ts';
import { enginePath } from './engine-connection.ts';
import { EngineStreamError, refusalOfDeadline, refusalOfBreak } from './engine-refusal.ts';
import { FrameDecoder } from './frame-decoder.ts';

const markName = 'GANTRY_EXEC';
const runMs = 30_000;
const runOutputBytesMax = 1_024 * 1_024;
const exitPollMs = 20;
const exitAttemptsMax = 100;
/** Between asking a command to end and killing it. */
const killGraceSeconds = 2;

const createdSchema = z.object({ Id: z.string() });
const inspectionSchema = z.object({ ExitCode: orNull(z.number()), Running: z.boolean() });

interface Command {
  readonly command: readonly string[];
  readonly terminal: { readonly columns: number; readonly rows: number } | null;
  readonly hasInput: boolean;
  readonly user?: string | undefined;
}

/** The part of an engine that runs commands in containers. */
export function execSessions(calls: EngineCalls, clock: Clock, log: Log): Pick<ContainerEngine, 'exec' | 'run'> {
  async function exec(id: string, what: Command): Promise<EngineResult<ExecSession>> {
    const mark = randomUUID();
    const created = await calls.change(
      {
        method: 'POST',
        path: enginePath`/containers/${id}/exec`,
        body: {
          AttachStdin: what.hasInput,
          AttachStdout: true,
          AttachStderr: true,
          Tty: what.terminal !== null,
          Cmd: what.command,
          Env: [`${markName}=${mark}`],
          ...(what.user === undefined ? {} : { User: what.user }),
        },
        doing: 'run a command in the container',
      },
      createdSchema,
    );
    if (!created.ok) return created;
    const execId = created.value.Id;
    const opened = await calls.hijack({
      method: 'POST',
      path: enginePath`/exec/${execId}/start`,
      body: { Detach: false, Tty: what.terminal !== null },
      deadlineMs: deadlines.changeMs,
      doing: 'run a command in the container',
    });
    if (!opened.ok) return opened;
    const session = new HijackedExec(opened.value, {
      isTerminal: what.terminal !== null,
      resize: async (columns, rows) => {
        const resized = await calls.order({
          method: 'POST',
          path: enginePath`/exec/${execId}/resize`,
          query: { h: rows, w: columns },
          doing: 'resize the terminal',
        });
        // A command that has ended has no size.
        if (!resized.ok) log.debug('a terminal was not resized', { detail: resized.error.detail });
      },
      exitCode: async () => {
        // Its output may end a moment before the engine has noticed that it ended.
        for (let attempt = 0; attempt < exitAttemptsMax; attempt += 1) {
          const inspected = await calls.read(
            { path: enginePath`/exec/${execId}/json`, doing: 'tell how a command ended' },
            inspectionSchema,
          );
          if (!inspected.ok) return null;
          if (!inspected.value.Running) return inspected.value.ExitCode;
          await new Promise<void>((resolve) => clock.after(exitPollMs, resolve));
        }
        return null;
      },
      kill: () => void killMarked(id, mark, what.user),
    });
    if (what.terminal !== null) await session.resize(what.terminal.columns, what.terminal.rows);
    return ok(session);
  }

  /** Ends a command and what it started. Without a shell in the container nothing can be ended. */
  async function killMarked(id: string, mark: string, user: string | undefined): Promise<void> {
    const created = await calls.change(
      {
        method: 'POST',
        path: enginePath`/containers/${id}/exec`,
        body: {
          AttachStdout: false,
          Cmd: ['sh', '-c', killScript, 'sh', `${markName}=${mark}`],
          ...(user === undefined ? {} : { User: user }),
        },
        doing: 'end a command in the container',
      },
      createdSchema,
    );
    const ended = created.ok
      ? await calls.order({
          method: 'POST',
          path: enginePath`/exec/${created.value.Id}/start`,
          body: { Detach: true },
          doing: 'end a command in the container',
        })
      : created;
    // The container has ended, and with it the command.
    if (!ended.ok) log.debug('a command in a container was not ended', { detail: ended.error.detail });
  }

  return {
    exec: (id, command, terminal) => exec(id, { command, terminal, hasInput: true }),

    async run(id, command, options = {}) {
      const { input, timeoutMs = runMs, outputBytesMax = runOutputBytesMax, user } = options;
      const opened = await exec(id, { command, terminal: null, hasInput: input !== undefined, user });
      if (!opened.ok) return opened;
      const session = opened.value;
      let isLate = false;
      const deadline = clock.after(timeoutMs, () => {
        isLate = true;
        session.dispose();
      });
      try {
        const [output] = await Promise.all([collect(session.output, outputBytesMax), writeAll(session, input)]);
        const { exitCode } = await session.exit;
        if (exitCode === null) return fail(brokenOff(isLate, timeoutMs));
        const notStarted = exitCode === 126 || exitCode === 127 ? /^OCI runtime exec failed: .*/m.exec(output) : null;
        if (notStarted === null) return ok({ exitCode, output });
        const message = /executable file not found|no such file|permission denied/i.test(notStarted[0])
          ? `“${command[0] ?? ''}” cannot be executed in the container: it is not there, or not a program.`
          : `“${command[0] ?? ''}” could not be started in the container: ${notStarted[0]}`;
        return fail({ reason: 'not-started', message, detail: notStarted[0] });
      } catch (error) {
        if (error instanceof EngineStreamError) return fail(isLate ? brokenOff(true, timeoutMs) : error.refusal);
        throw error;
      } finally {
        deadline.dispose();
        session.dispose();
      }
    },
  };
}

/**
 * Sends HUP to all processes that carry the mark `$1`, and KILL to those that are still there soon
 * after. Of lines with NUL in them some greps see only the beginning.
 */
const killScript = `
each() {
  for file in /proc/[0-9]*/environ; do
    tr '\\0' '\\n' 2>/dev/null <"$file" | grep -qxF "$2" || continue
    pid=\${file#/proc/}
    kill "-$1" "\${pid%/environ}"
  done
}
exec 2>/dev/null
each HUP "$1"
sleep ${killGraceSeconds}
each KILL "$1"`;

function brokenOff(isLate: boolean, timeoutMs: number): EngineRefusal {
  if (isLate) return refusalOfDeadline(timeoutMs, 'run a command in the container');
  const message = 'The container ended while a command ran in it.';
  return { reason: 'refused', message, detail: message };
}

async function writeAll(session: ExecSession, input: Uint8Array | undefined): Promise<void> {
  if (input === undefined) return;
  await session.write(input);
  session.end();
}

async function collect(output: AsyncIterable<Uint8Array>, bytesMax: number): Promise<string> {
  const kept: Uint8Array[] = [];
  let keptBytes = 0;
  // Read to its end, or the command would wait for ever.
  for await (const chunk of output) {
    const taken = chunk.subarray(0, bytesMax - keptBytes);
    keptBytes += taken.byteLength;
    if (taken.byteLength > 0) kept.push(taken);
  }
  return Buffer.concat(kept).toString();
}

interface ExecControls {
  readonly isTerminal: boolean;
  resize(columns: number, rows: number): Promise<void>;
  exitCode(): Promise<number | null>;
  kill(): void;
}

class HijackedExec implements ExecSession {
  readonly output: AsyncIterable<Uint8Array>;
  readonly exit: Promise<{ readonly exitCode: number | null }>;
  readonly #socket: Duplex;
  readonly #controls: ExecControls;
  #hasEnded = false;
  #disposed = false;

  constructor(socket: Duplex, controls: ExecControls) {
    this.#socket = socket;
    this.#controls = controls;
    this.output = this.#read();
    this.exit = new Promise((resolve) => {
      socket.once('end', () => {
        this.#hasEnded = true;
      });
      socket.once('close', () => {
        if (this.#hasEnded) void controls.exitCode().then((exitCode) => resolve({ exitCode }));
        else resolve({ exitCode: null });
      });
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return;
    await new Promise<void>((resolve) => {
      // A command that has ended takes no input: not an error of the writer's.
      socket.write(bytes, () => resolve());
    });
  }

  end(): void {
    this.#socket.end();
  }

  resize(columns: number, rows: number): Promise<void> {
    return this.#controls.resize(columns, rows);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (!this.#hasEnded) this.#controls.kill();
    this.#socket.destroy();
  }

  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    const decoder = this.#controls.isTerminal ? null : new FrameDecoder();
    try {
      for await (const chunk of this.#socket as AsyncIterable<Buffer>) {
        if (decoder === null) yield chunk;
        else for (const part of decoder.push(chunk)) yield part.bytes;
      }
    } catch (error) {
      if (this.#disposed) return;
      if (!(error instanceof Error)) throw error;
      throw new EngineStreamError(refusalOfBreak('what a command says', error));
    }
  }
}
