/** Serves the node protocol for one Raft host, whatever it is reached through. */
import type { Disposable } from '#shared/base/disposable.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import { StateCorruptError } from '../../state/state-corrupt-error.ts';
import { DiskError, toStorageError, UntrustedDataError } from '../storage/storage-error.ts';
import { PortTransport } from '../transport/port-transport.ts';
import { openNodeFiles } from './node-files.ts';
import type { NodeFailure, NodeReport, NodeRequest, NodeThreadData } from './node-protocol.ts';
import { RaftHost } from './raft-host.ts';
import type { StateMachine } from './state-machine.ts';

const statusIntervalMs = 200;
/** A hand-over that takes longer is not waited for. */
const handOverMsMax = 1_000;

export interface NodeServiceOptions {
  readonly data: NodeThreadData;
  readonly clock: Clock;
  readonly random: Random;
  readonly openStateMachine: (path: string) => StateMachine;
  readonly report: (report: NodeReport) => void;
  /** Blocks for so long: the slow-disk drill. */
  readonly block: (durationMs: number) => void;
}

/** Sorts what ended a node by what has to be done about it. */
export function toNodeFailure(error: unknown, folder: string): NodeFailure {
  const named = toStorageError(error, folder);
  if (named instanceof UntrustedDataError || named instanceof StateCorruptError) {
    return { kind: 'untrusted', reason: named.message };
  }
  if (named instanceof DiskError) return { kind: 'disk', fault: named.fault, reason: named.message };
  return { kind: 'defect', reason: named.stack ?? named.message };
}

type Outcome = Extract<NodeReport, { type: 'progress' }>['outcomes'][number];

/** One node, from opening its folder to its end. `report` is called with `failed` or `stopped` last. */
export class NodeService implements Disposable {
  readonly #options: NodeServiceOptions;
  readonly #transport = new PortTransport();
  readonly #host: RaftHost;
  readonly #timer: Disposable;
  #changes: { index: number; changes: Uint8Array }[] = [];
  #outcomes: Outcome[] = [];
  /** Of commands that were applied, but that readers do not see yet. */
  #unpublished: Outcome[] = [];
  #appliedIndex = 0;
  #toldIndex = 0;
  /** Set while it hands leadership over before it stops. */
  #leaving: Disposable | null = null;
  #flushScheduled = false;

  /** Throws when the folder cannot be opened; `toNodeFailure` says why. */
  constructor(options: NodeServiceOptions) {
    this.#options = options;
    const { data, clock, random, openStateMachine, report } = options;
    const { group, peer, folder, mustExist, founding, timing, thresholds } = data;
    const files = openNodeFiles({ folder, identity: { group, peer }, mustExist, founding, openStateMachine });
    this.#appliedIndex = files.stateMachine.applied().index;
    this.#toldIndex = this.#appliedIndex;
    this.#host = new RaftHost({
      group,
      peer,
      files,
      transport: this.#transport,
      clock,
      random,
      log: reportingLog(report, { peer }),
      timing,
      thresholds,
      events: {
        applied: (batch) => {
          for (const { index, changes } of batch) {
            this.#appliedIndex = index;
            if (changes.byteLength > 0) this.#changes.push({ index, changes: ownBytes(changes) });
          }
          for (const outcome of this.#unpublished) this.#outcomes.push(outcome);
          this.#unpublished = [];
          // At once, not when the round is over: somebody waits for the outcomes.
          this.#flush();
        },
        restored: (index) => {
          this.#flush();
          this.#appliedIndex = index;
          report({ type: 'restored', index });
        },
        changed: () => {
          const status = this.#host.status();
          report({ type: 'status', status });
          // Not here: the host is in the middle of a round.
          if (this.#leaving && status.role !== 'leader') this.#stopIn(0);
        },
        failed: (error) => {
          this.#flush();
          this.#leaving?.dispose();
          this.#timer.dispose();
          report({ type: 'failed', failure: toNodeFailure(error, folder) });
        },
      },
    });
    this.#timer = clock.every(statusIntervalMs, () => report({ type: 'status', status: this.#host.status() }));
    report({ type: 'opened', status: this.#host.status() });
  }

  onRequest(request: NodeRequest): void {
    const { report, block } = this.#options;
    switch (request.type) {
      case 'connect':
        return this.#transport.connect(request.peer, request.port);
      case 'disconnect':
        return this.#transport.disconnect(request.peer);
      case 'propose':
        for (const { id, data } of request.proposals) {
          this.#host.propose(data, (outcome) => {
            const own = outcome.kind === 'applied' ? { ...outcome, answer: ownBytes(outcome.answer) } : outcome;
            // What was applied is told once it can be read by whoever is answered.
            if (outcome.kind === 'applied') this.#unpublished.push({ id, outcome: own });
            else {
              this.#outcomes.push({ id, outcome: own });
              this.#scheduleFlush();
            }
          });
        }
        return;
      case 'read-index':
        return this.#host.readIndex((index) => report({ type: 'read-index', id: request.id, index }));
      case 'conf-change':
        return report({
          type: 'conf-change',
          id: request.id,
          dropped: this.#host.proposeConfChange(request.change),
        });
      case 'transfer':
        return this.#host.transferLeadership(request.to);
      case 'cut-off':
        return this.#host.setCutOff(request.on);
      case 'slow-disk': {
        const { delayMs } = request;
        return this.#host.setBeforeSync(() => {
          if (delayMs > 0) block(delayMs);
        });
      }
      case 'stop':
        return request.handOver ? this.#handOverAndStop() : this.dispose();
    }
  }

  #handOverAndStop(): void {
    const { role, peers } = this.#host.status();
    const successor = peers
      .filter(({ learner, recentlyActive }) => !learner && recentlyActive)
      .toSorted((left, right) => right.match - left.match)[0];
    if (role !== 'leader' || !successor) return this.dispose();
    this.#stopIn(handOverMsMax);
    this.#host.transferLeadership(successor.peer);
  }

  #stopIn(delayMs: number): void {
    this.#leaving?.dispose();
    this.#leaving = this.#options.clock.after(delayMs, () => this.dispose());
  }

  dispose(): void {
    this.#leaving?.dispose();
    this.#timer.dispose();
    this.#host.dispose();
    this.#flush();
    this.#options.report({ type: 'stopped' });
  }

  /** For outcomes without an entry that is applied. */
  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#flushScheduled = false;
    if (this.#appliedIndex === this.#toldIndex && this.#outcomes.length === 0) return;
    this.#toldIndex = this.#appliedIndex;
    const changes = this.#changes;
    const outcomes = this.#outcomes;
    this.#changes = [];
    this.#outcomes = [];
    this.#options.report({ type: 'progress', appliedIndex: this.#appliedIndex, changes, outcomes });
  }
}

/** A copy without the rest of the pool it lies in, all of which would be cloned with it. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function reportingLog(report: (report: NodeReport) => void, base: Record<string, unknown>): Log {
  const at =
    (level: Extract<NodeReport, { type: 'log' }>['level']) =>
    (message: string, fields: Record<string, unknown> = {}): void =>
      report({ type: 'log', level, message, fields: { ...base, ...fields } });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => reportingLog(report, { ...base, ...fields }),
  };
}
