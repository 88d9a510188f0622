/**
 * How long a pool's servers take to answer: counts by upper bound, kept by the balancer itself in
 * a table of counters with one entry a server. HAProxy has only means of its own; with a few rules
 * after each answer it counts how many took longer than each bound. What it costs is lost in the
 * noise of a load test (some 60,000 requests/s on two cores with and without).
 */
import type { EdgeServerFacts } from '../ports/edge.ts';

/** Milliseconds until the head of the answer was there. */
const boundsMs = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 1_500, 2_000, 3_000, 5_000, 7_000, 10_000,
  30_000, 60_000,
] as const;

/** After these bounds an answer that was faster is not compared with the slower ones. */
const exitsMs = new Set<number>([5, 50, 500]);

/** Longest name of a server: a longer one would share a counter with its like. */
export const serverNameCharactersMax = 128;

/** Entries a pool: more than it has servers at once; the oldest goes first. */
const entriesMax = 4_096;

/** Lines of a pool that count. They end the rules for answers: nothing may follow them. */
export const histogramLines: readonly string[] = [
  // The first counter has them all, each other one those that took longer than its bound.
  `stick-table type string len ${serverNameCharactersMax} size ${entriesMax} store gpc(${boundsMs.length + 1})`,
  'http-request set-var(txn.at) date(0,ms)',
  'http-response set-var(txn.took) date(0,ms),sub(txn.at)',
  'http-response track-sc0 srv_name',
  'http-response sc-inc-gpc(0,0)',
  ...boundsMs.flatMap((boundMs, index) => [
    `http-response sc-inc-gpc(${index + 1},0) if { var(txn.took) -m int gt ${boundMs} }`,
    ...(exitsMs.has(boundMs) ? [`http-response allow if { var(txn.took) -m int le ${boundMs} }`] : []),
  ]),
];

/** The answer to `show table`, by server: how many answers took at most each bound. */
export function parseHistograms(answer: string): Map<string, EdgeServerFacts['latency']> {
  const histograms = new Map<string, EdgeServerFacts['latency']>();
  for (const line of answer.split('\n')) {
    const name = / key=(\S+)/.exec(line)?.[1];
    if (name === undefined) continue;
    const counters = [...line.matchAll(/ gpc(\d+)=(\d+)/g)];
    const slower = new Map(counters.map(([, index, count]) => [Number(index), Number(count)]));
    const total = slower.get(0) ?? 0;
    histograms.set(name, [
      ...boundsMs.map((leMs, index) => ({ leMs, count: total - (slower.get(index + 1) ?? 0) })),
      { leMs: Number.POSITIVE_INFINITY, count: total },
    ]);
  }
  return histograms;
}
