/**
 * Gates as child processes. Everything that a gate starts carries its mark, and is ended with it:
 * when it is done, when it takes too long, when it is no longer wanted. When this program dies,
 * the gate's group goes at once, and what had left the group at the next start.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { GateResult } from '#shared/model/gate.ts';
import type { Clock } from '../ports/clock.ts';
import type { GateRun, GateRunner } from '../ports/gates.ts';
import type { Log } from '../ports/log.ts';
import { OutputTail } from './output-tail.ts';
import { readProcessTable } from './process-table.ts';
import { type EndingManners, ProcessTree, promptEnding } from './process-tree.ts';

/** How much of the output is kept as evidence. */
export const gateOutputTailBytes = 16 * 1024;

/** Marks the processes of one run of a gate, and those of all gates of one data folder. */
const runVariable = 'GANTRY_GATE_RUN';
const folderVariable = 'GANTRY_GATE_FOLDER';

/** So often it is noted who belongs to a gate, for when their relations to it are gone. */
const lookMs = 1_000;
/** Output may still come for so long from what could not be ended. */
const drainMs = 500;

const politeToGates: EndingManners = {
  steps: [
    { signal: 'SIGTERM', graceMs: 2_000 },
    { signal: 'SIGKILL', graceMs: 5_000 },
  ],
};

/**
 * Ends the whole group as soon as the pipe on descriptor 3 closes, which it does however this
 * program ends. `read` is built in: it leaves no process behind.
 */
const guardedScript =
  '(read -r _ <&3; kill -KILL -- "-$$") & guard=$!; exec 3<&-; sh -c "$GANTRY_GATE_COMMAND"; code=$?; kill "$guard"; exit "$code"';

export interface ShellGateRunnerOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** What gates inherit; those of the run are added. */
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  /** Tells the gates of this Gantry apart from those of others. */
  readonly dataFolder: string;
}

/** Runs gates with the machine's shell. */
export function shellGateRunner(options: ShellGateRunnerOptions): GateRunner {
  return { run: (run) => runGate(run, options) };
}

/**
 * Ends what gates left running when the program died that had this folder before. Answers how many
 * could not be ended. Call it while the folder is locked.
 */
export async function endLostGates(dataFolder: string, clock: Clock): Promise<number> {
  // A tree without a root has nothing that Windows could end it by.
  if (process.platform === 'win32') return 0;
  return new ProcessTree(folderVariable, dataFolder).end(promptEnding, clock);
}

/** How a command ended; `code` is null when a signal ended it. */
interface Exit {
  readonly code: number | null;
  readonly startError: string | null;
}

async function runGate(run: GateRun, options: ShellGateRunnerOptions): Promise<GateResult> {
  const { gate, signal, onOutput } = run;
  const { clock, log } = options;
  const startedAtMs = clock.nowMs();
  const beganMs = clock.monotonicMs();
  const tail = new OutputTail(gateOutputTailBytes);
  const runId = randomUUID();
  const tree = new ProcessTree(runVariable, runId);
  const child = start(run, runId, options);
  if (child.pid !== undefined) tree.addRoot(child.pid);
  const exited = exitOf(child);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const take = (chunk: Buffer): void => {
    tail.push(chunk);
    onOutput(tail.text());
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);

  let ending: Promise<void> | null = null;
  const endTree = (): Promise<void> => {
    ending ??= tree.end(politeToGates, clock).then(
      (left) => {
        if (left > 0) log.warn('processes of a gate cannot be ended', { gate: gate.name, left });
      },
      (error: unknown) => log.warn('ending the processes of a gate failed', { gate: gate.name, error }),
    );
    return ending;
  };
  let cause: 'timed-out' | 'skipped' | null = null;
  const stopped = Promise.withResolvers<null>();
  const stop = (because: 'timed-out' | 'skipped'): void => {
    cause ??= because;
    void endTree().then(() => stopped.resolve(null));
  };
  const onAbort = (): void => stop('skipped');
  const timeout = clock.after(gate.timeoutMs, () => stop('timed-out'));
  const looking = clock.every(lookMs, () => {
    readProcessTable().then(
      (table) => tree.look(table),
      (error: unknown) => log.info('the processes of a gate could not be looked at', { gate: gate.name, error }),
    );
  });
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();

  const exit = await Promise.race([exited, stopped.promise]);
  const durationMs = Math.max(0, clock.monotonicMs() - beganMs);
  timeout.dispose();
  looking.dispose();
  signal.removeEventListener('abort', onAbort);
  // What the command left running goes with it; Windows knows no more of the tree of a dead one.
  await (process.platform === 'win32' ? ending : endTree());
  await atMost(drainMs, closed, clock);
  child.stdout?.destroy();
  child.stderr?.destroy();
  if (exit?.startError) tail.push(Buffer.from(`The command could not be started: ${exit.startError}\n`));
  const { name, command } = gate;
  const state = cause ?? (exit?.code === 0 ? 'passed' : 'failed');
  return { name, command, state, exitCode: exit?.code ?? null, durationMs, startedAtMs, outputTail: tail.text() };
}

function start(
  { gate, cwd, env }: GateRun,
  runId: string,
  { baseEnv, dataFolder }: ShellGateRunnerOptions,
): ChildProcess {
  const marks = { [runVariable]: runId, [folderVariable]: dataFolder };
  const variables = { ...baseEnv, ...env, ...marks, GANTRY_GATE: gate.name, GANTRY_GATE_COMMAND: gate.command };
  if (process.platform === 'win32') {
    return spawn(gate.command, {
      cwd,
      env: variables,
      shell: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
  }
  return spawn('/bin/sh', ['-c', guardedScript], {
    cwd,
    env: variables,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
}

/** Not `close`: something left in the background may hold the pipes open for ever. */
function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, startError: error.message }));
    child.once('exit', (code) => resolve({ code, startError: null }));
  });
}

/** Resolves with `promise`, or after `durationMs`. */
function atMost(durationMs: number, promise: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(durationMs, resolve);
    void promise.then(() => {
      timer.dispose();
      resolve();
    });
  });
}
