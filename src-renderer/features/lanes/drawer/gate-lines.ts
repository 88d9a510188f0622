import type { LaneGates } from '#shared/contract/views.ts';
import type { GateResult } from '#shared/model/gate.ts';
import type { Merge } from '#shared/model/merge.ts';

/** A gate of the merge that is shown: what it showed, that it runs, or that it comes. */
export type GateLine =
  | { readonly kind: 'result'; readonly result: GateResult }
  | {
      readonly kind: 'running';
      readonly name: string;
      readonly command: string;
      readonly startedAtMs: number;
      readonly outputTail: string;
    }
  | { readonly kind: 'next'; readonly name: string; readonly command: string };

/** The newest merge of a lane with its gates, and those before it. */
export interface GateOverview {
  readonly merge: Merge | null;
  readonly lines: readonly GateLine[];
  readonly earlier: readonly Merge[];
}

/** Puts the gates of the newest merge in their order: those that ran, the one that runs, those to come. */
export function gateOverview({ merges, running, upcoming }: LaneGates): GateOverview {
  const newestFirst = [...merges].sort((a, b) => b.queuedAtMs - a.queuedAtMs);
  const merge = newestFirst[0] ?? null;
  const isOver = merge !== null && (merge.stage === 'landed' || merge.stage === 'rejected');
  const lines: GateLine[] = (merge?.gates ?? []).map((result) => ({ kind: 'result', result }));
  if (running !== null && running.mergeId === merge?.id) {
    const { name, command, startedAtMs, outputTail } = running;
    lines.push({ kind: 'running', name, command, startedAtMs, outputTail });
  }
  if (!isOver) for (const { name, command } of upcoming) lines.push({ kind: 'next', name, command });
  return { merge, lines, earlier: newestFirst.slice(1) };
}

/** How a merge went, in a few words: "failed at tests", "passed". */
export function mergeOutcome(merge: Merge): string {
  const { rejection } = merge;
  if (rejection === null) return merge.stage === 'landed' ? 'merged' : 'passed';
  switch (rejection.kind) {
    case 'conflict':
      return `conflict in ${rejection.conflicts.map((conflict) => conflict.path).join(', ')}`;
    case 'gate':
      return `failed at ${rejection.gate}`;
    case 'withdrawn':
      return 'withdrawn';
  }
}
