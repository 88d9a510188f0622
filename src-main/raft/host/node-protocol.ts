/** What the app and a node's thread say to each other. Plain data and ports; both ends are ours. */
import type { MessagePort } from 'node:worker_threads';
import type { ConfChange, ConfState, PeerId } from '../core/message.ts';
import type { ProposalDropped } from '../core/raw-node-api.ts';
import type { DiskFault } from '../storage/storage-error.ts';
import type { HostTiming, SnapshotThresholds } from './host-options.ts';
import type { NodeStatus } from './node-status.ts';
import type { ProposalOutcome } from './proposal-queue.ts';

/** The thread's `workerData`. */
export interface NodeThreadData {
  readonly group: number;
  readonly peer: PeerId;
  readonly folder: string;
  readonly mustExist: boolean;
  readonly founding: ConfState | null;
  readonly timing: HostTiming;
  readonly thresholds: SnapshotThresholds;
}

/** From the app to the thread. */
export type NodeRequest =
  | { readonly type: 'connect'; readonly peer: PeerId; readonly port: MessagePort }
  | { readonly type: 'disconnect'; readonly peer: PeerId }
  | { readonly type: 'propose'; readonly proposals: readonly { readonly id: number; readonly data: Uint8Array }[] }
  | { readonly type: 'read-index'; readonly id: number }
  | { readonly type: 'conf-change'; readonly id: number; readonly change: ConfChange }
  | { readonly type: 'transfer'; readonly to: PeerId }
  | { readonly type: 'cut-off'; readonly on: boolean }
  /** Added before each sync; 0 ends it. */
  | { readonly type: 'slow-disk'; readonly delayMs: number }
  /** `handOver`: a leader first makes another node leader, if one can be. */
  | { readonly type: 'stop'; readonly handOver: boolean };

/** Why a node stopped by itself. */
export type NodeFailure =
  /** Its data cannot be trusted. */
  | { readonly kind: 'untrusted'; readonly reason: string }
  | { readonly kind: 'disk'; readonly fault: DiskFault; readonly reason: string }
  /** A mistake of this program. */
  | { readonly kind: 'defect'; readonly reason: string };

/** From the thread to the app. */
export type NodeReport =
  | { readonly type: 'opened'; readonly status: NodeStatus }
  /**
   * What a round did. Changes are visible to readers; outcomes come with the changes they belong
   * to, so that whoever proposed reads what they wrote.
   */
  | {
      readonly type: 'progress';
      readonly appliedIndex: number;
      readonly changes: readonly { readonly index: number; readonly changes: Uint8Array }[];
      readonly outcomes: readonly { readonly id: number; readonly outcome: ProposalOutcome }[];
    }
  /** A snapshot replaced the state: connections that were opened before may still see the old one. */
  | { readonly type: 'restored'; readonly index: number }
  | { readonly type: 'read-index'; readonly id: number; readonly index: number | null }
  | { readonly type: 'conf-change'; readonly id: number; readonly dropped: ProposalDropped | null }
  | { readonly type: 'status'; readonly status: NodeStatus }
  | {
      readonly type: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: Record<string, unknown>;
    }
  | { readonly type: 'failed'; readonly failure: NodeFailure }
  | { readonly type: 'stopped' };
