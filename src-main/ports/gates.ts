/** Runs gates: shell commands whose exit code decides whether merged work may land. */
import type { GateResult, GateSpec } from '#shared/model/gate.ts';

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

/**
 * Runs a gate to its end, and ends whatever it started with it. Never rejects: what cannot be
 * started is a failed gate that says why.
 */
export interface GateRunner {
  run(run: GateRun): Promise<GateResult>;
}
