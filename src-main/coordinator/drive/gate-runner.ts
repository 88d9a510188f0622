/** Runs gates: shell commands whose exit code decides whether merged work may land. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { GateResult, GateSpec } from '#shared/model/gate.ts';
import type { Clock } from '../../ports/clock.ts';

/** One run of one gate. */
export interface GateRun {
  readonly gate: GateSpec;
  /** A checkout of the merged commit. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Aborting ends the command; the result is `skipped`. */
  readonly signal: AbortSignal;
  /** Told the end of the output so far, as it grows. */
  readonly onOutput: (outputTail: string) => void;
}

/** Runs a gate to its end. Never rejects: what cannot be started is a failed gate that says why. */
export interface GateRunner {
  run(run: GateRun): Promise<GateResult>;
}

/** How much of the output is kept as evidence. */
export const gateOutputTailBytes = 16 * 1024;
const killGraceMs = 2_000;

/**
 * Ends the whole group as soon as the pipe on descriptor 3 closes, which it does however this
 * program ends; so no gate outlives it. `read` is built in: it leaves no process behind.
 */
const guardedScript =
  '(read -r _ <&3; kill -KILL -- "-$$") & guard=$!; exec 3<&-; sh -c "$GANTRY_GATE_COMMAND"; code=$?; kill "$guard"; exit "$code"';

/** Gates as child processes in groups of their own. */
export function shellGateRunner(clock: Clock, baseEnv: Readonly<Record<string, string | undefined>>): GateRunner {
  return { run: (run) => runGate(run, clock, baseEnv) };
}

function runGate(
  run: GateRun,
  clock: Clock,
  baseEnv: Readonly<Record<string, string | undefined>>,
): Promise<GateResult> {
  const { gate, signal } = run;
  const startedAtMs = clock.nowMs();
  const beganMs = clock.monotonicMs();
  const tail = new OutputTail();
  return new Promise((resolve) => {
    const child = start(run, baseEnv);
    let cause: 'timed-out' | 'skipped' | null = null;
    const end = (because: 'timed-out' | 'skipped'): void => {
      if (cause !== null) return;
      cause = because;
      signalGroup(child, 'SIGTERM');
      killTimer = clock.after(killGraceMs, () => signalGroup(child, 'SIGKILL'));
    };
    let killTimer = clock.after(gate.timeoutMs, () => end('timed-out'));
    const onAbort = (): void => end('skipped');
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = (state: GateResult['state'], exitCode: number | null): void => {
      killTimer.dispose();
      signal.removeEventListener('abort', onAbort);
      // What the command left in its group goes with it.
      signalGroup(child, 'SIGKILL');
      const durationMs = Math.max(0, clock.monotonicMs() - beganMs);
      const { name, command } = gate;
      resolve({ name, command, state, exitCode, durationMs, startedAtMs, outputTail: tail.text() });
    };
    const take = (chunk: Buffer): void => {
      tail.push(chunk);
      run.onOutput(tail.text());
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', (error) => {
      tail.push(Buffer.from(`The command could not be started: ${error.message}\n`));
      settle('failed', null);
    });
    // `exit`, not `close`: something left in the background may hold the pipes open for ever.
    child.once('exit', (code) => {
      setImmediate(() => settle(cause ?? (code === 0 ? 'passed' : 'failed'), code));
    });
    if (signal.aborted) end('skipped');
  });
}

function start({ gate, cwd, env }: GateRun, baseEnv: Readonly<Record<string, string | undefined>>): ChildProcess {
  const variables = { ...baseEnv, ...env, GANTRY_GATE: gate.name, GANTRY_GATE_COMMAND: gate.command };
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

function signalGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    child.kill(signal);
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // The group is gone already, which is what was wanted. Where only its zombies are left, some systems answer EPERM.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** The last `gateOutputTailBytes` of what was written. */
class OutputTail {
  #chunks: Buffer[] = [];
  #bytes = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= gateOutputTailBytes * 2) return;
    const kept = this.#kept();
    this.#chunks = [kept];
    this.#bytes = kept.length;
  }

  text(): string {
    return this.#kept()
      .toString('utf8')
      .replace(/^\uFFFD+/, '');
  }

  #kept(): Buffer {
    const all = Buffer.concat(this.#chunks);
    return all.subarray(Math.max(0, all.length - gateOutputTailBytes));
  }
}
