import { expect, test } from 'vitest';
import { type ClusterView, clusterViewSchema, type NodeView } from '#shared/model/cluster.ts';
import { clusterEvidence, clusterHeadline } from './cluster-headline.ts';
import { drillRows } from './drill-rows.ts';
import {
  entriesScale,
  gather,
  isAlone,
  latencyPoints,
  linearTicks,
  logPath,
  logPercent,
  timeScale,
  windowMs,
} from './lag-plot.ts';
import { leadershipStrip } from './leadership-strip.ts';
import { nodeFacts, nodeState } from './node-state.ts';
import { spreadLabels } from './spread-labels.ts';

const nowMs = new Date(2025, 10, 21, 14, 35).getTime();
const minute = (minutes: number): number => nowMs - minutes * 60_000;

function node(number: number, change: Partial<NodeView> = {}): Record<string, unknown> {
  return {
    id: `node-${number}`,
    address: `thread ${number}`,
    role: number === 2 ? 'leader' : 'follower',
    votes: true,
    condition: { state: 'running' },
    term: 41,
    lastIndex: 90,
    commitIndex: 90,
    appliedIndex: 90,
    snapshotIndex: 0,
    logBytes: 1_000,
    stateHash: null,
    leaderSinceMs: number === 2 ? minute(36) : null,
    heardAtMs: nowMs,
    leaderContactAtMs: nowMs - 38,
    lagEntries: 0,
    lagMs: 1,
    writesPerSecond: 213,
    fsyncP99Ms: 0.4,
    lagSamples: [],
    ...change,
  };
}

function cluster(change: Record<string, unknown> = {}): ClusterView {
  return clusterViewSchema.parse({
    leaderId: 'node-2',
    term: 41,
    voters: 3,
    votersHealthy: 3,
    failuresTolerated: 1,
    lastCommitAtMs: nowMs - 200,
    nodes: [node(1), node(2), node(3)],
    latency: [],
    leadership: [],
    absences: [],
    drills: [],
    ...change,
  });
}

const cutOff = { state: 'cut-off', sinceMs: nowMs - 42_000, untilMs: nowMs + 18_000 } as const;
const cutOffDrill = {
  kind: 'cut-off',
  nodeId: 'node-3',
  startedAtMs: nowMs - 42_000,
  untilMs: nowMs + 18_000,
  endedAtMs: null,
  leaderlessMs: null,
  writesCommitted: 7,
  writesLost: 0,
};
const drilled = cluster({
  votersHealthy: 2,
  failuresTolerated: 0,
  nodes: [node(1), node(2), node(3, { condition: cutOff, lagEntries: 8_952, lagMs: 42_000 })],
  drills: [cutOffDrill],
});

test('the sentence says who votes and what one more failure does', () => {
  expect(clusterHeadline(cluster())).toBe('3 of 3 nodes vote. Writes survive one failure.');
  expect(clusterHeadline(drilled)).toBe('2 of 3 nodes vote. One more failure stops writes.');
  expect(clusterHeadline(cluster({ votersHealthy: 1, failuresTolerated: -1 }))).toBe(
    '1 of 3 nodes votes. Writes have stopped.',
  );
  expect(clusterHeadline(cluster({ leaderId: null }))).toBe('3 of 3 nodes vote. A leader is being elected.');
  expect(clusterHeadline(cluster({ voters: 1, votersHealthy: 1, failuresTolerated: 0 }))).toBe(
    'One node keeps everything.',
  );
});

test('the evidence names the leader, the last commit and who is missing', () => {
  expect(clusterEvidence(drilled, nowMs)).toBe(
    'node-2 leads term 41. Last commit 0.2 s ago. node-3 is cut off by a drill and comes back in 18 s.',
  );
  const fenced = cluster({
    nodes: [node(1), node(2), node(3, { condition: { state: 'fenced', sinceMs: nowMs, reason: 'r' } })],
  });
  expect(clusterEvidence(fenced, nowMs)).toContain('node-3 is fenced until it is rebuilt.');
  const silent = cluster({ nodes: [node(1, { heardAtMs: nowMs - 4_000 }), node(2)] });
  expect(clusterEvidence(silent, nowMs)).toContain('node-1 has not answered for 4 s.');
});

test('a node is never shown green on old data, and its remedy is offered', () => {
  const stateOf = (change: Partial<NodeView>) => {
    const seen = cluster({ nodes: [node(1, change), node(2)] });
    const [first] = seen.nodes;
    if (first === undefined) throw new Error('there is no node');
    const { shape, text, stale, remedy } = nodeState(first, seen, nowMs);
    return { shape, text, stale, remedy };
  };
  expect(stateOf({})).toEqual({ shape: 'done', text: 'Up to date', stale: false, remedy: null });
  expect(stateOf({ heardAtMs: nowMs - 5_000 })).toMatchObject({ shape: 'stale', text: 'Stale for 5 s', stale: true });
  expect(stateOf({ condition: cutOff })).toMatchObject({ shape: 'stale', text: 'Stale for 42 s', stale: true });
  expect(stateOf({ condition: { state: 'stopped', sinceMs: nowMs - 3_000 } })).toMatchObject({ remedy: 'start' });
  expect(stateOf({ condition: { state: 'fenced', sinceMs: nowMs, reason: 'log.db: bad checksum' } })).toMatchObject({
    shape: 'failed',
    remedy: 'rebuild',
  });
  expect(stateOf({ lagEntries: 4_000 })).toMatchObject({ shape: 'running', text: 'Catching up' });
});

test('a leader has writes and syncs among its figures, others contact and lag', () => {
  const [one, two, three] = drilled.nodes;
  if (one === undefined || two === undefined || three === undefined) throw new Error('there are three nodes');
  expect(nodeFacts(one, drilled, nowMs).map(({ name, value }) => `${name} ${value}`)).toContain('Last contact 38 ms');
  expect(nodeFacts(two, drilled, nowMs).map(({ name }) => name)).toEqual([
    'Term',
    'Committed',
    'Applied',
    'Writes',
    'Fsync p99',
  ]);
  expect(nodeFacts(three, drilled, nowMs).at(-1)).toEqual({ name: 'Lag', value: '8,952', over: true });
});

test('drills count down, and say why they cannot be run', () => {
  const rows = drillRows(drilled, nowMs);
  expect(rows.map(({ detail, refusal }) => ({ detail, refusal }))).toEqual([
    { detail: 'node-3, 18 of 60 s left. Writes go on.', refusal: null },
    { detail: 'Not now: it would stop writes.', refusal: 'it would stop writes' },
    { detail: 'Not now: one drill at a time.', refusal: 'one drill at a time' },
    { detail: 'Not now: one drill at a time.', refusal: 'one drill at a time' },
  ]);
  expect(rows[0]).toMatchObject({ running: true, verb: 'Reconnect', last: '0 writes lost' });
  const calm = drillRows(cluster(), nowMs);
  expect(calm.every((row) => row.refusal === null && row.last === 'not run yet')).toBe(true);
  expect(calm[2]?.choices.map((choice) => choice.nodeId)).toEqual(['node-1', 'node-3']);
  const ended = { ...cutOffDrill, kind: 'stop', endedAtMs: nowMs, leaderlessMs: 212 };
  expect(drillRows(cluster({ drills: [ended] }), nowMs)[1]?.last).toBe('212 ms at 14:34');
});

test('all lines share one logarithmic scale', () => {
  expect(logPercent(1, entriesScale)).toBeCloseTo(80.77, 2);
  expect(logPercent(1_000, entriesScale)).toBeCloseTo(23.08, 2);
  expect(logPercent(50, timeScale)).toBeCloseTo(62.28, 1);
  expect(logPercent(0, entriesScale)).toBe(98);
  expect(logPercent(1e9, entriesScale)).toBe(1);
});

test('samples are gathered by their worst, and gaps stay gaps', () => {
  const samples = [
    { atMs: nowMs - windowMs + 1_000, value: 1 },
    { atMs: nowMs - windowMs + 2_000, value: 9 },
    { atMs: nowMs - windowMs + 11_000, value: 4 },
    { atMs: nowMs - windowMs - 1_000, value: 99 },
  ];
  const points = gather(samples, nowMs, (sample) => sample.value);
  expect(points).toHaveLength(120);
  expect(points.slice(0, 4).map((point) => point.value)).toEqual([9, null, 4, null]);
  expect(
    logPath(
      [
        { atMs: 0, value: 1 },
        { atMs: 1, value: null },
        { atMs: 2, value: 1 },
      ],
      entriesScale,
    ),
  ).toBe('M0 80.77M100 80.77');
});

test('the axis of latency has even ticks that hold the highest point', () => {
  const sample = { atMs: nowMs, commitP50Ms: 1, commitP99Ms: 6.9, fsyncP99Ms: 0.4 };
  expect(linearTicks(latencyPoints([sample], nowMs))).toEqual([0, 2, 4, 6, 8]);
  expect(linearTicks([])).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
});

test('a value between two gaps is told from those on a line', () => {
  const at = (commitP99: number | null) => ({ atMs: 0, commitP50: null, commitP99, fsyncP99: null });
  const points = [at(2), at(null), at(3), at(null), at(4), at(5)];
  expect(points.map((_, index) => isAlone(points, 'commitP99', index))).toEqual([
    true,
    false,
    true,
    false,
    false,
    false,
  ]);
});

test('labels at the ends of lines never lie on each other', () => {
  expect(spreadLabels([50, 52, null, 20], 9)).toEqual([50, 59, null, 20]);
  expect(spreadLabels([95, 97], 9)).toEqual([91, 100]);
});

test('the strip tells who led, who was absent and why leadership changed', () => {
  const seen = cluster({
    leadership: [
      { nodeId: 'node-1', term: 39, fromMs: minute(90), toMs: minute(54), electionMs: null, cause: 'start' },
      { nodeId: 'node-3', term: 40, fromMs: minute(54), toMs: minute(37), electionMs: 212, cause: 'election' },
      { nodeId: 'node-2', term: 41, fromMs: minute(37), toMs: null, electionMs: 31, cause: 'handed-over' },
    ],
    absences: [
      { nodeId: 'node-1', fromMs: minute(54), toMs: minute(53), cause: 'stopped' },
      { nodeId: 'node-3', fromMs: minute(0.7), toMs: null, cause: 'cut-off' },
    ],
  });
  const strip = leadershipStrip(seen, nowMs);
  expect(strip.note).toBe('last hour: 2 changes, slowest election 212 ms');
  expect(strip.events.map(({ text, turned, mute }) => ({ text, turned, mute }))).toEqual([
    { text: 'node-1 stopped, elected in 212 ms', turned: false, mute: false },
    { text: 'handed over in 31 ms', turned: false, mute: false },
    { text: 'node-3 cut off', turned: true, mute: false },
  ]);
  expect(strip.lines[0]?.segments.map(({ left, text }) => ({ left: Math.round(left), text }))).toEqual([
    { left: 0, text: 'term 39' },
    { left: 10, text: null },
  ]);
  expect(strip.spoken).toBe('Leadership: node-1 until 13:41, node-3 until 13:58, node-2 since 13:58');
  const young = leadershipStrip(cluster({ leadership: [{ ...seen.leadership[2], fromMs: minute(1) }] }), nowMs);
  expect(young.note).toBe('last 5 min: 1 change');
});
