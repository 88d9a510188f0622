import type { LaneStatus } from '#shared/contract/views.ts';
import type { MarkShape } from '../../ui/icon/Mark.tsx';

/** The groups of the lanes view, in their order: what waits for a person first, what is over last. */
export const laneGroups = [
  'waiting',
  'failed',
  'stale',
  'running',
  'ready',
  'paused',
  'queued',
  'merged',
  'stopped',
] as const;
export type LaneGroup = (typeof laneGroups)[number];

const groupByStatus: Record<LaneStatus, LaneGroup> = {
  waiting: 'waiting',
  failed: 'failed',
  stale: 'stale',
  running: 'running',
  gating: 'running',
  landing: 'running',
  preparing: 'running',
  'ready-to-merge': 'ready',
  paused: 'paused',
  queued: 'queued',
  merged: 'merged',
  stopped: 'stopped',
};

/** The group in which a lane of this status stands. */
export function laneGroup(status: LaneStatus): LaneGroup {
  return groupByStatus[status];
}

/** The word of each group. */
export const groupWord: Record<LaneGroup, string> = {
  waiting: 'Needs input',
  failed: 'Failed',
  stale: 'No fresh data',
  running: 'Running',
  ready: 'Ready to merge',
  paused: 'Paused',
  queued: 'Queued',
  merged: 'Merged',
  stopped: 'Stopped',
};

/** The mark of each group. */
export const groupShape: Record<LaneGroup, MarkShape> = {
  waiting: 'waiting',
  failed: 'failed',
  stale: 'stale',
  running: 'running',
  ready: 'landing',
  paused: 'paused',
  queued: 'queued',
  merged: 'done',
  stopped: 'blocked',
};

/** The mark of a single lane, and its word for those who do not see it. */
export const statusMark: Record<LaneStatus, { readonly shape: MarkShape; readonly word: string }> = {
  waiting: { shape: 'waiting', word: 'Needs input' },
  failed: { shape: 'failed', word: 'Failed' },
  stale: { shape: 'stale', word: 'No fresh data' },
  running: { shape: 'running', word: 'Running' },
  gating: { shape: 'gating', word: 'Running gates' },
  landing: { shape: 'landing', word: 'Merging' },
  preparing: { shape: 'running', word: 'Preparing' },
  'ready-to-merge': { shape: 'landing', word: 'Ready to merge' },
  paused: { shape: 'paused', word: 'Paused' },
  queued: { shape: 'queued', word: 'Queued' },
  merged: { shape: 'done', word: 'Merged' },
  stopped: { shape: 'blocked', word: 'Stopped' },
};

/** Whether a lane of this status is at work now, so that its mark may turn. */
export function isAtWork(status: LaneStatus): boolean {
  return laneGroup(status) === 'running';
}
