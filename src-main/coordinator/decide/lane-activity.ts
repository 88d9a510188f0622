/** What a lane is doing, reduced from the events of its runs. */
import type { AgentEvent, JournalEntry, Usage } from '#shared/model/agent-event.ts';
import type { RunId } from '#shared/model/ids.ts';
import type { LaneAsk } from '#shared/contract/views.ts';

/** One bar of the activity line stands for this long. */
export const activityBucketMs = 12_500;
/** How many bars there are: five minutes. */
export const activityBuckets = 24;
const stepCharsMax = 120;

/** Everything that the screens need to know of a lane's events. Immutable. */
export interface LaneActivity {
  readonly runId: RunId | null;
  /** The last entry of `runId` that was taken in. */
  readonly lastSeq: number;
  /** What it does now, in a few words. */
  readonly step: string;
  /** Permission requests that nobody has answered, oldest first. */
  readonly asks: readonly LaneAsk[];
  /** What the agent said when it ended its turn and waits for an answer. */
  readonly question: string | null;
  /** The agent's own session, to go on with in a later run. */
  readonly sessionId: string | null;
  /** The last thing the agent said. */
  readonly lastMessage: string | null;
  /** Tokens of all runs so far. */
  readonly usage: Usage | null;
  readonly lastEventAtMs: number | null;
  readonly eventsTotal: number;
  /** Numbers of events, oldest bucket first; the last one is `newestBucket`. */
  readonly buckets: readonly number[];
  /** `floor(atMs / activityBucketMs)` of the newest event. */
  readonly newestBucket: number;
  /** Usage of the runs before this one. */
  readonly earlierUsage: Usage | null;
}

/** A lane of which nothing was heard yet. */
export const silentActivity: LaneActivity = {
  runId: null,
  lastSeq: 0,
  step: '',
  asks: [],
  question: null,
  sessionId: null,
  lastMessage: null,
  usage: null,
  lastEventAtMs: null,
  eventsTotal: 0,
  buckets: Array.from({ length: activityBuckets }, () => 0),
  newestBucket: 0,
  earlierUsage: null,
};

/** Goes over to the lane's next run: open questions are void, usage adds up, the session stays known. */
export function beginRun(activity: LaneActivity, runId: RunId): LaneActivity {
  return { ...activity, runId, lastSeq: 0, asks: [], question: null, step: '', earlierUsage: activity.usage };
}

/** Takes in the next entries of the current run; entries that are known already are ignored. */
export function reduceEntries(activity: LaneActivity, entries: readonly JournalEntry[]): LaneActivity {
  return entries.reduce(reduceEntry, activity);
}

function reduceEntry(activity: LaneActivity, entry: JournalEntry): LaneActivity {
  if (entry.seq <= activity.lastSeq) return activity;
  return {
    ...activity,
    ...countEvent(activity, entry.atMs),
    ...changesBy(activity, entry.event, entry.atMs),
    lastSeq: entry.seq,
    lastEventAtMs: entry.atMs,
    eventsTotal: activity.eventsTotal + 1,
  };
}

/** It asked for a permission or ended its turn: the agent does nothing until the person answers. */
export function waitsForPerson(activity: LaneActivity): boolean {
  return activity.asks.length > 0 || activity.question !== null;
}

/** The bars up to `nowMs`, oldest first: `activityBuckets` numbers. */
export function activityBars(activity: LaneActivity, nowMs: number): number[] {
  const shift = Math.max(0, Math.floor(nowMs / activityBucketMs) - activity.newestBucket);
  return shiftBuckets(activity.buckets, shift);
}

function countEvent(activity: LaneActivity, atMs: number): Pick<LaneActivity, 'buckets' | 'newestBucket'> {
  const bucket = Math.floor(atMs / activityBucketMs);
  const newestBucket = Math.max(activity.newestBucket, bucket);
  const buckets = shiftBuckets(activity.buckets, newestBucket - activity.newestBucket);
  const at = activityBuckets - 1 - (newestBucket - bucket);
  if (at >= 0) buckets[at] = (buckets[at] ?? 0) + 1;
  return { buckets, newestBucket };
}

function shiftBuckets(buckets: readonly number[], by: number): number[] {
  if (by >= activityBuckets) return Array.from({ length: activityBuckets }, () => 0);
  return [...buckets.slice(by), ...Array.from({ length: by }, () => 0)];
}

function changesBy(activity: LaneActivity, event: AgentEvent, atMs: number): Partial<LaneActivity> {
  switch (event.type) {
    case 'session':
      return { sessionId: event.sessionId };
    case 'message': {
      if (event.author === 'user') return { question: null };
      const line = firstLine(event.text);
      return line === '' ? {} : { step: line, lastMessage: event.text, question: null };
    }
    case 'thought':
      return { step: 'Thinking', question: null };
    case 'tool':
      return { step: event.status === 'failed' ? `Failed: ${toolStep(event)}` : toolStep(event), question: null };
    case 'file-change': {
      const verb = { add: 'Added', update: 'Edited', delete: 'Deleted' }[event.kind];
      return { step: bounded(`${verb} ${event.path}`) };
    }
    case 'plan': {
      const step = event.steps.find((each) => each.status === 'running');
      return step ? { step: firstLine(step.text) } : {};
    }
    case 'usage':
      return { usage: addUsage(activity.earlierUsage, event.usage) };
    case 'permission': {
      const { requestId, title, command, options } = event;
      const others = activity.asks.filter((ask) => ask.requestId !== requestId);
      return { asks: [...others, { requestId, title, command, options, askedAtMs: atMs }] };
    }
    case 'permission-resolved':
      return { asks: activity.asks.filter((ask) => ask.requestId !== event.requestId) };
    case 'retry':
      return { step: bounded(`Tries again: ${firstLine(event.message)}`) };
    case 'error':
      return { step: firstLine(event.message) };
    case 'control':
      return { step: { paused: 'Paused', resumed: 'Resumed', interrupted: 'Interrupted' }[event.action] };
    case 'turn-end':
      return { question: firstLine(event.summary) || 'Waits for your answer' };
    case 'raw':
      return {};
    case 'end':
      return { asks: [], question: null, step: endStep(event) };
  }
}

function toolStep(tool: Extract<AgentEvent, { type: 'tool' }>): string {
  const path = tool.paths[0];
  switch (tool.kind) {
    case 'command':
      return bounded(`Running ${firstLine(tool.command ?? tool.title)}`);
    case 'edit':
      return bounded(`Editing ${path ?? tool.title}`);
    case 'read':
      return bounded(`Reading ${path ?? tool.title}`);
    case 'search':
      return bounded(`Searching ${tool.title}`);
    case 'fetch':
      return bounded(`Fetching ${tool.title}`);
    case 'other':
      return firstLine(tool.title);
  }
}

function endStep(event: Extract<AgentEvent, { type: 'end' }>): string {
  const { outcome } = event;
  return outcome.kind === 'ok' ? firstLine(outcome.summary) || 'Finished' : firstLine(outcome.detail);
}

/** The sum of two totals; a missing cost stays unknown only while both lack it. */
export function addUsage(a: Usage | null, b: Usage): Usage {
  if (a === null) return b;
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    costUsd: a.costUsd === null && b.costUsd === null ? null : (a.costUsd ?? 0) + (b.costUsd ?? 0),
  };
}

function firstLine(text: string): string {
  return bounded(text.trim().split('\n', 1)[0]?.trim() ?? '');
}

function bounded(text: string): string {
  return text.length <= stepCharsMax ? text : `${text.slice(0, stepCharsMax - 1)}…`;
}
