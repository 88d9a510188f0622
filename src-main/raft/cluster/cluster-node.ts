/**
 * One node as the app keeps it: its thread, why it takes no part, what it told last. Starts the
 * thread again with growing pauses when it ends by itself, except when its data cannot be trusted.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import { RingBuffer } from '#shared/base/ring-buffer.ts';
import type { LagSample, NodeCondition } from '#shared/model/cluster.ts';
import type { NodeId } from '#shared/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { NodeFailure, NodeReport, NodeRequest, NodeThreadData } from '../host/node-protocol.ts';
import type { NodeStatus } from '../host/node-status.ts';
import { NodeThreadHandle } from './node-thread-handle.ts';

const restartDelayMsMin = 250;
const restartDelayMsMax = 10_000;
/** A node that ran for so long has recovered: the next pause is short again. */
const recoveredAfterMs = 30_000;
/** Ten minutes at one a second. */
const lagSamplesMax = 600;

export interface ClusterNodeOptions {
  readonly peer: number;
  readonly id: NodeId;
  readonly program: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly threadData: () => NodeThreadData;
  /** Everything a running thread tells, after this node took note of it. */
  readonly onReport: (node: ClusterNode, report: NodeReport) => void;
  /** The condition changed. */
  readonly onCondition: (node: ClusterNode, before: NodeCondition) => void;
}

/** See the file's comment. */
export class ClusterNode implements Disposable {
  readonly peer: number;
  readonly id: NodeId;
  readonly lagSamples = new RingBuffer<LagSample>(lagSamplesMax);
  readonly #options: ClusterNodeOptions;
  #thread: NodeThreadHandle | null = null;
  #condition: NodeCondition;
  #status: NodeStatus | null = null;
  #heardAtMs: number;
  #failure: NodeFailure | null = null;
  /** What the thread that runs now said before it ended. */
  #told: NodeFailure | null = null;
  #restartDelayMs = restartDelayMsMin;
  #restart: Disposable | null = null;
  #startedAtMs = 0;
  /** The end of the thread is wanted: it is no crash. */
  #ending = false;

  constructor(options: ClusterNodeOptions) {
    this.#options = options;
    this.peer = options.peer;
    this.id = options.id;
    this.#heardAtMs = options.clock.nowMs();
    this.#condition = { state: 'stopped', sinceMs: this.#heardAtMs };
  }

  get condition(): NodeCondition {
    return this.#condition;
  }

  /** What it told last, also when it no longer runs; null before it told anything. */
  get status(): NodeStatus | null {
    return this.#status;
  }

  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  /** Why it ended by itself the last time; null again once it has written something since. */
  get failure(): NodeFailure | null {
    return this.#failure;
  }

  /** Whether its thread runs and its files are open. */
  get serves(): boolean {
    return this.#condition.state === 'running' || this.#condition.state === 'cut-off';
  }

  /** Starts the thread unless it runs. */
  start(): void {
    if (this.#thread) return;
    const { program, id, clock, threadData, onReport } = this.#options;
    this.#restart?.dispose();
    this.#restart = null;
    this.#ending = false;
    this.#told = null;
    this.#startedAtMs = clock.monotonicMs();
    this.#thread = new NodeThreadHandle({
      program,
      name: id,
      data: threadData(),
      onReport: (report) => {
        this.#takeNote(report);
        onReport(this, report);
      },
      onExit: (error) => this.#exited(error),
    });
    this.#become({ state: 'starting' });
  }

  post(request: NodeRequest, transfer: Parameters<NodeThreadHandle['post']>[1] = []): void {
    this.#thread?.post(request, transfer);
  }

  /** Ends the thread: orderly, after handing leadership over, or as a crash would. The node stays stopped until it is started. */
  async stop(manner: 'orderly' | 'hand-over' | 'crash'): Promise<void> {
    this.#ending = true;
    this.#restart?.dispose();
    this.#restart = null;
    const thread = this.#thread;
    if (thread) await (manner === 'crash' ? thread.terminate() : thread.stop(manner === 'hand-over'));
    if (this.#condition.state !== 'fenced') this.#become({ state: 'stopped', sinceMs: this.#options.clock.nowMs() });
  }

  /** Ends the thread where it is and lets it be treated as a crash. */
  async crash(): Promise<void> {
    await this.#thread?.terminate();
  }

  /** The cut-off drill begins, or ends with null. */
  setCutOff(untilMs: number | null): void {
    if (!this.serves) return;
    this.post({ type: 'cut-off', on: untilMs !== null });
    const sinceMs = this.#options.clock.nowMs();
    this.#become(untilMs === null ? { state: 'running' } : { state: 'cut-off', sinceMs, untilMs });
  }

  dispose(): void {
    this.#ending = true;
    this.#restart?.dispose();
  }

  #takeNote(report: NodeReport): void {
    this.#heardAtMs = this.#options.clock.nowMs();
    if (report.type === 'opened') {
      this.#status = report.status;
      this.#become({ state: 'running' });
    } else if (report.type === 'status') {
      this.#status = report.status;
    } else if (report.type === 'progress') {
      this.#failure = null;
    } else if (report.type === 'failed') {
      this.#told = report.failure;
    } else if (report.type === 'log') {
      this.#options.log[report.level](report.message, report.fields);
    }
  }

  #exited(error: Error | null): void {
    const { clock, log } = this.#options;
    this.#thread = null;
    const sinceMs = clock.nowMs();
    const failure = this.#told ?? { kind: 'defect', reason: error?.stack ?? 'its thread ended' };
    if (this.#told || !this.#ending) this.#failure = failure;
    if (failure.kind === 'untrusted') {
      log.error('a node is fenced', { reason: failure.reason });
      this.#become({ state: 'fenced', sinceMs, reason: failure.reason });
    } else if (!this.#ending) {
      log.error('a node ended by itself', failure);
      this.#become({ state: 'crashed', sinceMs, reason: failure.reason });
      this.#restartLater();
    }
  }

  #restartLater(): void {
    const { clock } = this.#options;
    if (clock.monotonicMs() - this.#startedAtMs > recoveredAfterMs) this.#restartDelayMs = restartDelayMsMin;
    this.#restart = clock.after(this.#restartDelayMs, () => this.start());
    this.#restartDelayMs = Math.min(this.#restartDelayMs * 2, restartDelayMsMax);
  }

  #become(condition: NodeCondition): void {
    const before = this.#condition;
    this.#condition = condition;
    if (before.state !== condition.state) this.#options.onCondition(this, before);
  }
}
