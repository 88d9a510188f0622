/** The app's end of one node's worker thread. */
import { type Transferable, Worker } from 'node:worker_threads';
import type { NodeReport, NodeRequest, NodeThreadData } from '../host/node-protocol.ts';

export interface NodeThreadHandleOptions {
  /** Path of the thread's program. */
  readonly program: string;
  readonly name: string;
  readonly data: NodeThreadData;
  readonly onReport: (report: NodeReport) => void;
  /** The thread is gone; `error` when it threw what nobody caught. Called once, after all reports. */
  readonly onExit: (error: Error | null) => void;
}

/**
 * V8 lets each thread's nursery grow to 48 MB before it cleans up; a node's messages are short
 * lived and small, so a smaller one costs nothing that can be measured and saves it three times.
 */
const youngGenerationMb = 8;

/** See the file's comment. */
export class NodeThreadHandle {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  #error: Error | null = null;
  #gone = false;

  constructor(options: NodeThreadHandleOptions) {
    this.#worker = new Worker(options.program, {
      workerData: options.data,
      name: options.name,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    });
    this.#worker.on('message', (report: NodeReport) => options.onReport(report));
    this.#worker.on('error', (error: unknown) => {
      this.#error = error instanceof Error ? error : new Error(String(error));
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#gone = true;
        options.onExit(this.#error);
        resolve();
      });
    });
  }

  get gone(): boolean {
    return this.#gone;
  }

  post(request: NodeRequest, transfer: readonly Transferable[] = []): void {
    if (!this.#gone) this.#worker.postMessage(request, transfer);
  }

  /** Lets the node hand leadership over, if that is wanted, write what it has, and end. */
  async stop(handOver: boolean): Promise<void> {
    this.post({ type: 'stop', handOver });
    await this.#exited;
  }

  /** A crash: ends the thread wherever it is. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
    await this.#exited;
  }
}
