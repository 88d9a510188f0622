import type { ClusterView } from '#shared/model/cluster.ts';
import { clockMinute, counted, duration } from '../../app/text.ts';

const hourMs = 3_600_000;
const leastMs = 300_000;
/** Expected width of a label's letter, in percent of the strip. */
const letterPercent = 0.56;

/** A piece of a node's line, in percent of the strip. */
export interface StripSegment {
  readonly left: number;
  readonly width: number;
  /** "term 41"; null for an absence. */
  readonly text: string | null;
}

/** A change, marked through all lines. */
export interface StripEvent {
  readonly left: number;
  readonly time: string;
  readonly text: string;
  /** Its words stand before it, because there is no room behind. */
  readonly turned: boolean;
  /** Too near to another to have words. */
  readonly mute: boolean;
}

export interface LeadershipStrip {
  readonly lines: readonly { readonly nodeId: string; readonly segments: readonly StripSegment[] }[];
  readonly events: readonly StripEvent[];
  /** "last hour: 2 changes, slowest election 212 ms" */
  readonly note: string;
  /** The same for those who do not see it. */
  readonly spoken: string;
}

/** Who led and who was absent in the hour before `nowMs`, or since the start where that is later. */
export function leadershipStrip(cluster: ClusterView, nowMs: number): LeadershipStrip {
  const oldest = Math.min(nowMs, ...cluster.leadership.map((span) => span.fromMs));
  const lengthMs = Math.min(hourMs, Math.max(leastMs, nowMs - oldest));
  const fromMs = nowMs - lengthMs;
  const percent = (atMs: number): number => Math.min(100, Math.max(0, ((atMs - fromMs) / lengthMs) * 100));
  const segment = (start: number, end: number | null, text: string | null): StripSegment[] => {
    const left = percent(start);
    const width = percent(end ?? nowMs) - left;
    return (end ?? nowMs) < fromMs ? [] : [{ left, width, text }];
  };

  const voters = cluster.nodes.filter(
    (node) => node.votes || cluster.leadership.some((span) => span.nodeId === node.id),
  );
  const lines = voters.map(({ id }) => ({
    nodeId: id,
    segments: [
      ...cluster.leadership
        .filter((span) => span.nodeId === id)
        .flatMap((span) => segment(span.fromMs, span.toMs, `term ${span.term}`)),
      ...cluster.absences.filter((each) => each.nodeId === id).flatMap((each) => segment(each.fromMs, each.toMs, null)),
    ],
  }));
  const changes = cluster.leadership.filter((span) => span.cause !== 'start' && span.fromMs >= fromMs);
  const slowest = Math.max(
    0,
    ...changes.filter((span) => span.cause === 'election').map((span) => span.electionMs ?? 0),
  );
  const window = lengthMs === hourMs ? 'last hour' : `last ${duration(lengthMs)}`;
  const note = `${window}: ${counted(changes.length, 'change')}${slowest > 0 ? `, slowest election ${duration(slowest)}` : ''}`;
  return { lines, events: placed(eventsOf(cluster, fromMs), percent), note, spoken: spokenOf(cluster, fromMs) };
}

interface Happening {
  readonly atMs: number;
  readonly text: string;
}

function eventsOf(cluster: ClusterView, fromMs: number): Happening[] {
  const used = new Set<object>();
  const changes = cluster.leadership
    .filter((span) => span.cause !== 'start' && span.fromMs >= fromMs)
    .map((span): Happening => {
      const took = span.electionMs === null ? '' : ` in ${duration(span.electionMs)}`;
      if (span.cause === 'handed-over') return { atMs: span.fromMs, text: `handed over${took}` };
      const before = cluster.leadership.findLast((each) => each.fromMs < span.fromMs);
      const absence = cluster.absences.find(
        (each) => each.nodeId === before?.nodeId && Math.abs(each.fromMs - span.fromMs) < 5_000,
      );
      if (absence === undefined) return { atMs: span.fromMs, text: `${span.nodeId} elected${took}` };
      used.add(absence);
      return { atMs: span.fromMs, text: `${absence.nodeId} ${causeWord(absence.cause)}, elected${took}` };
    });
  const absences = cluster.absences
    .filter((absence) => !used.has(absence) && absence.fromMs >= fromMs)
    .map((absence): Happening => ({ atMs: absence.fromMs, text: `${absence.nodeId} ${causeWord(absence.cause)}` }));
  return [...changes, ...absences].sort((a, b) => a.atMs - b.atMs);
}

function causeWord(cause: string): string {
  return cause === 'cut-off' ? 'cut off' : cause;
}

/** Gives words to the newest events first, as long as there is room. */
function placed(happenings: readonly Happening[], percent: (atMs: number) => number): StripEvent[] {
  let limit = 100;
  return happenings
    .toReversed()
    .map(({ atMs, text }): StripEvent => {
      const left = percent(atMs);
      const time = clockMinute(atMs);
      const width = (time.length + text.length + 2) * letterPercent + 1;
      const fitsBehind = left + width <= limit;
      const turned = !fitsBehind && limit === 100 && left - width >= 0;
      const mute = !fitsBehind && !turned;
      if (!mute) limit = turned ? left - width : left;
      return { left, time, text, turned, mute };
    })
    .toReversed();
}

function spokenOf(cluster: ClusterView, fromMs: number): string {
  const spans = cluster.leadership.filter((span) => (span.toMs ?? Number.POSITIVE_INFINITY) >= fromMs);
  if (spans.length === 0) return 'Nobody has led yet';
  const parts = spans.map((span) =>
    span.toMs === null
      ? `${span.nodeId} since ${clockMinute(span.fromMs)}`
      : `${span.nodeId} until ${clockMinute(span.toMs)}`,
  );
  return `Leadership: ${parts.join(', ')}`;
}
