import type { RunOutput, RunReport, RunSpec } from '#shared/contract/worker-protocol.ts';
import { type OutputLimits, OutputLog } from './output-log.ts';
import type { RunFolder, RunState } from './run-folder.ts';

/** A run that ended under an earlier worker: what its folder tells. */
export class EndedRun {
  readonly ended = true;
  readonly journalBytes: number;
  readonly #report: RunReport;
  readonly #output: OutputLog;

  constructor(folder: RunFolder, limits: OutputLimits, spec: RunSpec, state: RunState) {
    this.#output = new OutputLog(folder.path, limits);
    this.journalBytes = state.journalBytes;
    this.#report = {
      runId: spec.runId,
      laneId: spec.laneId,
      token: spec.token,
      state: 'ended',
      pid: null,
      startedAtMs: state.startedAtMs,
      lastEventAtMs: state.lastEventAtMs,
      lastSeq: state.lastSeq,
      outputBytes: this.#output.endByte,
      keptBytes: state.journalBytes + this.#output.keptBytes,
      cpuPercent: null,
      memoryBytes: null,
      outcome: state.outcome,
    };
  }

  report(): RunReport {
    return this.#report;
  }

  readOutput(fromByte: number, bytesMax: number): RunOutput {
    return this.#output.read(fromByte, bytesMax, true);
  }
}
