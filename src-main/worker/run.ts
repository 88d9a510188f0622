/**
 * One agent at work for one lane: its processes, its journal, its watchdogs. A run ends exactly
 * once, in this order: whatever it started is gone, `end` is in the journal and synced, the state
 * says so, and only then is anybody told.
 */
import { assert } from '#shared/base/assert.ts';
import { fail, ok, type Result } from '#shared/base/result.ts';
import type { RunOutput, RunReport, RunSpec } from '#shared/contract/worker-protocol.ts';
import type { AgentEvent, RunOutcome } from '#shared/model/agent-event.ts';
import type { AgentAdapter, AgentProgram, AgentRun, ProgramCall } from '../agents/adapter.ts';
import { boundEvent } from '../agents/bound-event.ts';
import { classifyFailure, describeFailure, failed } from '../agents/outcome.ts';
import type { ProcessTable } from '../platform/process-table.ts';
import { type EndingManners, politeEnding, ProcessTree, promptEnding } from '../platform/process-tree.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { startAgentProgram } from './agent-program.ts';
import { DiskFullError } from './disk-write.ts';
import { isDecisive, Journal, journalBytesMax } from './journal.ts';
import { type OutputLimits, OutputLog } from './output-log.ts';
import type { RunFolder } from './run-folder.ts';
import { runEnvironment } from './run-environment.ts';
import { UsageMeter } from './usage-meter.ts';
import { ToolTimer } from './tool-timer.ts';
import { transcribe } from './transcript.ts';
import { watchdogVerdict } from './watchdog.ts';

/** The mark that every process of a run carries in its environment. */
export const runIdVariable = 'GANTRY_RUN_ID';

/** How long an adapter may take to say its last once its programs are gone. */
const lastWordsMs = 3_000;

export interface RunSurroundings {
  readonly folder: RunFolder;
  readonly adapter: AgentAdapter;
  readonly clock: Clock;
  readonly log: Log;
  readonly outputLimits: OutputLimits;
  /** What agents inherit; the spec's own entries are added. */
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly allowedForLane: Set<string>;
  /** There is more to read in the journal. */
  onAppend(): void;
  onEnded(report: RunReport): void;
}

export class Run {
  readonly spec: RunSpec;
  readonly #around: RunSurroundings;
  readonly #journal: Journal;
  readonly #output: OutputLog;
  readonly #tree: ProcessTree;
  readonly #meter = new UsageMeter();
  readonly #toolTimer = new ToolTimer();
  readonly #startedAtMs: number;
  readonly #openPermissions = new Set<string>();
  #agent: AgentRun | null = null;
  #pid: number | null = null;
  #state: 'running' | 'paused' | 'ended' = 'running';
  #outcome: RunOutcome | null = null;
  #ending: Promise<void> | null = null;
  #endJournalled = false;
  #endUnwritten = false;
  #diskFull = false;
  #waitsForPrompt = false;
  #journalFull = false;
  /** The last retry or error that the agent told, until it got on: why it may have stalled. */
  #trouble: string | null = null;
  #progressAtMs: number;
  #activeMs = 0;
  #tickedAtMs: number;

  /** Makes what the run needs on disk. Throws `DiskFullError`. */
  constructor(spec: RunSpec, around: RunSurroundings) {
    this.spec = spec;
    this.#around = around;
    this.#startedAtMs = around.clock.nowMs();
    this.#progressAtMs = around.clock.monotonicMs();
    this.#tickedAtMs = this.#progressAtMs;
    this.#tree = new ProcessTree(runIdVariable, spec.runId);
    around.folder.create(spec);
    // On disk before there is any process: whoever finds one by its mark finds the run as well.
    this.#journal = new Journal(around.folder.journal);
    this.#output = new OutputLog(around.folder.path, around.outputLimits);
    this.#writeState();
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  get journalBytes(): number {
    return this.#journal.bytes;
  }

  report(): RunReport {
    return {
      runId: this.spec.runId,
      laneId: this.spec.laneId,
      token: this.spec.token,
      state: this.#state,
      pid: this.ended ? null : this.#pid,
      startedAtMs: this.#startedAtMs,
      lastEventAtMs: this.#journal.lastAtMs || this.#startedAtMs,
      lastSeq: this.#journal.lastSeq,
      outputBytes: this.#output.endByte,
      keptBytes: this.#journal.bytes + this.#output.keptBytes,
      cpuPercent: this.ended ? null : this.#meter.cpuPercent,
      memoryBytes: this.ended ? null : this.#meter.memoryBytes,
      outcome: this.ended ? this.#outcome : null,
    };
  }

  start(): void {
    assert(this.#agent === null, 'a run starts once');
    const { adapter, clock, folder, allowedForLane } = this.#around;
    this.#agent = adapter.run({
      spec: this.spec,
      clock,
      promptFile: folder.promptFile,
      start: (call) => this.#startProgram(call),
      emit: (event) => this.#record(event),
      allowedForLane,
    });
    void this.#agent.ended.then(
      (outcome) => this.#decide(outcome, promptEnding),
      (error: unknown) => this.#blameAdapter(error),
    );
  }

  /** Ends the whole tree; resolves once the run has ended. Harmless on one that is ending. */
  stop(reason: string): Promise<void> {
    if (this.#ending === null) this.#agent?.interrupt();
    return this.#decide({ kind: 'stopped', detail: reason }, politeEnding);
  }

  async pause(): Promise<Result<null, string>> {
    if (this.#ending !== null) return fail('The run is ending.');
    if (this.#state === 'paused') return ok(null);
    this.#state = 'paused';
    await this.#tree.pause();
    this.#record({ type: 'control', action: 'paused' });
    return ok(null);
  }

  async resume(): Promise<Result<null, string>> {
    if (this.#ending !== null) return fail('The run is ending.');
    if (this.#state !== 'paused') return ok(null);
    this.#state = 'running';
    this.#progressAtMs = this.#around.clock.monotonicMs();
    this.#tickedAtMs = this.#progressAtMs;
    await this.#tree.resume();
    this.#record({ type: 'control', action: 'resumed' });
    return ok(null);
  }

  interrupt(): Result<null, string> {
    if (this.#ending !== null || this.#agent === null) return fail('The run is ending.');
    if (this.#state === 'paused') return fail('The run is paused. Resume it first.');
    const interrupted = this.#agent.interrupt();
    if (interrupted.ok) this.#record({ type: 'control', action: 'interrupted' });
    return interrupted;
  }

  message(text: string): Result<null, string> {
    if (this.#ending !== null || this.#agent === null) return fail('The run is ending.');
    const taken = this.#agent.prompt(text);
    if (!taken.ok) return taken;
    this.#waitsForPrompt = false;
    this.#record({ type: 'message', author: 'user', text });
    return taken;
  }

  answer(requestId: string, optionId: string, forLane: boolean): Result<null, string> {
    if (this.#ending !== null || this.#agent === null) return fail('The run is ending.');
    if (!this.#openPermissions.has(requestId)) return fail('This request was answered already.');
    return this.#agent.answer(requestId, optionId, forLane);
  }

  readOutput(fromByte: number, bytesMax: number): RunOutput {
    return this.#output.read(fromByte, bytesMax, this.ended);
  }

  /** Called a few times a second: the watchdogs. */
  watch(): void {
    const nowMs = this.#around.clock.monotonicMs();
    const sinceMs = nowMs - this.#tickedAtMs;
    this.#tickedAtMs = nowMs;
    if (this.ended) {
      if (this.#endUnwritten) this.#writeEnd();
      return;
    }
    if (this.#ending !== null) return;
    if (this.#state === 'running') this.#activeMs += sinceMs;
    const { stallMs, timeoutMs } = this.spec;
    const verdict = watchdogVerdict(
      {
        progressAtMs: this.#progressAtMs,
        activeMs: this.#activeMs,
        paused: this.#state === 'paused',
        waitsForPerson: this.#openPermissions.size > 0 || this.#waitsForPrompt,
        stallMs,
        timeoutMs,
      },
      nowMs,
    );
    if (verdict === 'timed-out') {
      void this.#decide(failed('timed-out', `It ran longer than ${seconds(timeoutMs)}.`), politeEnding);
    } else if (verdict === 'stalled') {
      void this.#decide(this.#stalledOutcome(), politeEnding);
    }
  }

  /** Called once a second: what the tree uses. */
  measure(table: ProcessTable): void {
    if (!this.ended) this.#meter.take(this.#tree.look(table), this.#around.clock.monotonicMs());
  }

  /** Closes the files of a run that has ended. Harmless when they are closed. */
  close(): void {
    this.#endUnwritten = false;
    this.#journal.close();
    this.#output.close();
  }

  #blameAdapter(error: unknown): void {
    this.#around.log.error('an adapter broke', { runId: this.spec.runId, error });
    void this.#decide(failed('agent-error', `Gantry's adapter for the agent broke: ${String(error)}`), promptEnding);
  }

  #startProgram(call: ProgramCall): AgentProgram {
    const { baseEnv, clock } = this.#around;
    return startAgentProgram(call, {
      cwd: this.spec.cwd,
      env: {
        ...runEnvironment(baseEnv, this.spec.env),
        GANTRY_LANE_ID: this.spec.laneId,
        [runIdVariable]: this.spec.runId,
      },
      clock,
      onStarted: (pid) => {
        this.#tree.addRoot(pid);
        this.#pid = pid;
        this.#guard(() => this.#writeState());
      },
      onOutput: (bytes) => void this.#guard(() => this.#output.write(bytes)),
      onAdapterError: (error) => this.#blameAdapter(error),
    });
  }

  /** Journals one event and keeps the facts that follow from it. */
  #record(event: AgentEvent): void {
    if (this.ended) return;
    const bounded = this.#toolTimer.complete(boundEvent(event), this.#around.clock.monotonicMs());
    if (this.#journal.bytes >= journalBytesMax && !isDecisive(bounded)) {
      if (this.#journalFull) return;
      this.#journalFull = true;
      this.#append({ type: 'error', message: 'The agent has said more than is kept; its output file goes on.' });
      return;
    }
    if (!this.#append(bounded)) return;
    this.#notice(bounded);
    const text = transcribe(bounded, this.spec.agent);
    if (text !== null) this.#guard(() => this.#output.write(Buffer.from(text)));
    this.#around.onAppend();
  }

  #append(event: AgentEvent): boolean {
    return this.#guard(() => this.#journal.append(event, this.#around.clock.nowMs()));
  }

  #notice(event: AgentEvent): void {
    if (event.type === 'permission') this.#openPermissions.add(event.requestId);
    if (event.type === 'permission-resolved') this.#openPermissions.delete(event.requestId);
    if (event.type === 'turn-end') this.#waitsForPrompt = true;
    if (event.type === 'retry' || event.type === 'error') this.#trouble = event.message;
    else if (event.type !== 'raw') {
      this.#trouble = null;
      this.#progressAtMs = this.#around.clock.monotonicMs();
    }
  }

  #stalledOutcome(): RunOutcome {
    const idle = `No progress for ${seconds(this.spec.stallMs)}`;
    if (this.#trouble === null) return failed('stalled', `${idle}.`);
    const reason = classifyFailure(this.#trouble);
    if (reason === 'agent-error') return failed('stalled', `${idle}; the agent's last words: ${this.#trouble}`);
    return failed(reason, `${idle}. ${describeFailure(reason, this.#trouble)}`);
  }

  /** The first who decides determines the outcome; all wait for the same end. */
  #decide(outcome: RunOutcome, manners: EndingManners): Promise<void> {
    if (this.#ending === null) {
      this.#outcome = outcome;
      this.#ending = this.#windUp(manners);
    }
    return this.#ending;
  }

  async #windUp(manners: EndingManners): Promise<void> {
    const { clock, log } = this.#around;
    try {
      const left = await this.#tree.end(manners, clock);
      if (left > 0) log.error('processes of a run cannot be ended', { runId: this.spec.runId, left });
    } catch (error) {
      log.error('ending the processes of a run failed', { runId: this.spec.runId, error: String(error) });
    }
    // What the agent said last is still on its way through the adapter.
    await this.#lastWords();
    for (const requestId of this.#openPermissions) {
      this.#record({ type: 'permission-resolved', requestId, optionId: null, allowed: false });
    }
    this.#writeEnd();
    this.#state = 'ended';
    this.#around.onAppend();
    this.#around.onEnded(this.report());
  }

  /** Resolves once the adapter has settled, or has had its time. */
  #lastWords(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#around.clock.after(lastWordsMs, resolve);
      void Promise.allSettled([this.#agent?.ended]).finally(() => {
        timer.dispose();
        resolve();
      });
    });
  }

  /** Writes down that the run has ended; on a disk that is still full, again at the next watch. */
  #writeEnd(): void {
    assert(this.#outcome !== null, 'an end has an outcome');
    try {
      this.#around.folder.releaseReserve();
      if (!this.#endJournalled)
        this.#journal.append({ type: 'end', outcome: this.#outcome }, this.#around.clock.nowMs());
      this.#endJournalled = true;
      this.#journal.sync();
      this.#writeState();
      this.close();
    } catch (error) {
      if (!(error instanceof DiskFullError)) throw error;
      this.#endUnwritten = true;
      this.#around.log.error('the end of a run cannot be written', { runId: this.spec.runId, error: error.message });
    }
  }

  #writeState(): void {
    this.#around.folder.writeState({
      state: this.#endJournalled ? 'ended' : 'running',
      pid: this.#pid,
      startedAtMs: this.#startedAtMs,
      lastEventAtMs: this.#journal.lastAtMs || this.#startedAtMs,
      lastSeq: this.#journal.lastSeq,
      journalBytes: this.#journal.bytes,
      outcome: this.#endJournalled ? this.#outcome : null,
    });
  }

  /** Runs a write; a full disk ends the run, with the room set aside for saying so. */
  #guard(write: () => void): boolean {
    // What a pipe still delivers after the end would open closed files again.
    // And what is still said on a full disk must not take the room that was set aside for the end.
    if (this.ended || this.#diskFull) return false;
    try {
      write();
      return true;
    } catch (error) {
      if (!(error instanceof DiskFullError)) throw error;
      this.#diskFull = true;
      if (this.#ending === null) {
        this.#around.log.error('the disk is full', { runId: this.spec.runId });
        void this.#decide(
          failed('disk-full', `${error.message}. The run was ended; its worktree is as it was left.`),
          promptEnding,
        );
      }
      return false;
    }
  }
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${ms / 1_000} s` : `${Math.round(ms / 1_000)} s`;
}
