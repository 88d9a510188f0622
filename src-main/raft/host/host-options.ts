/** What a node's host is given, with the limits it keeps. */
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { PeerTransport } from '../transport/peer-transport.ts';
import type { NodeFiles } from './node-files.ts';
import type { NodeStatus } from './node-status.ts';
import type { Applied } from './state-machine.ts';

/**
 * Time limits of a node. The defaults give a new leader within about 0.35 s (one election timeout
 * of 160 to 320 ms and two round trips), and ask a leader to be silent for four heartbeats before
 * anybody doubts it. On a machine that cannot keep that up, `ElectionPace` raises the timeout up
 * to `electionTicksMax`. A shorter tick would cost an idle machine more than it could save.
 */
export interface HostTiming {
  readonly tickMs: number;
  readonly heartbeatTicks: number;
  readonly electionTicksMin: number;
  readonly electionTicksMax: number;
}

export const defaultTiming: HostTiming = { tickMs: 20, heartbeatTicks: 2, electionTicksMin: 8, electionTicksMax: 50 };

/** When a snapshot is made, and how much of the log stays behind it for peers that are a little late. */
export interface SnapshotThresholds {
  readonly entries: number;
  readonly bytes: number;
  readonly trailingEntries: number;
}

export const defaultThresholds: SnapshotThresholds = {
  entries: 50_000,
  bytes: 32 * 1024 * 1024,
  trailingEntries: 5_000,
};

/** What a host announces. Called synchronously in the node's loop. */
export interface HostEvents {
  /** Entries were applied and are visible to readers of the state; their proposals were settled just before. */
  applied(batch: readonly Applied[]): void;
  /** The state was replaced by a snapshot up to `index`. */
  restored(index: number): void;
  /** Role, leader, term or configuration changed: `status()` is worth reading now. */
  changed(): void;
  /** The node has stopped by itself, for good; what it had not answered is answered `unknown`. */
  failed(error: Error): void;
}

export interface RaftHostOptions {
  readonly group: number;
  readonly peer: number;
  readonly files: NodeFiles;
  readonly transport: PeerTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly events: HostEvents;
  readonly timing?: HostTiming;
  readonly thresholds?: SnapshotThresholds;
}

/** Limits of one message, of what is on its way to one peer, and of what one round takes on. */
export const limits = {
  appendBytesMax: 1024 * 1024,
  inflightMessagesMax: 256,
  inflightBytesMax: 16 * 1024 * 1024,
  uncommittedBytesMax: 64 * 1024 * 1024,
  committedBytesMax: 4 * 1024 * 1024,
  proposeBytesMax: 1024 * 1024,
} as const;

export type { NodeStatus };
