/**
 * `npm run simulate -- --seeds N [--seed FIRST] [--only raft|services] [--threads N] [--json]`: runs
 * each of N seeds as a simulated cluster of Raft nodes and as a simulated world of services, starting
 * with the kept seeds when FIRST is not given. Prints the seed of every failure with its last
 * events. Exits 0 only when none failed.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { keptSeeds } from './kept-seeds.ts';
import { runSeeds } from './seed-runner.ts';
import { type Run, type RunResult, type SimulationName, simulationNames } from './simulations.ts';

const usage = `Usage: npm run simulate -- [--seeds N] [--seed FIRST] [--only ${simulationNames.join('|')}] [--threads N] [--json]`;
/** Failures that are printed in full; of further ones only the seed. */
const failuresShown = 5;
const progressEveryMs = 5_000;

interface Settings {
  readonly runs: readonly Run[];
  readonly threads: number;
  readonly json: boolean;
}

/** What the arguments ask for, or what is wrong with them. */
function settingsOf(args: readonly string[]): Settings | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string', default: '100' },
        seed: { type: 'string' },
        only: { type: 'string' },
        threads: { type: 'string', default: String(availableParallelism()) },
        json: { type: 'boolean', default: false },
      },
    });
    const count = Number(values.seeds);
    const first = Number(values.seed ?? 1);
    const threads = Number(values.threads);
    const { only } = values;
    const names = simulationNames.filter((name) => only === undefined || name === only);
    if (!Number.isSafeInteger(count) || count < 1) return `--seeds is a number of runs, not "${values.seeds}"`;
    if (!Number.isSafeInteger(first) || first < 0) return `--seed is a whole number, not "${values.seed}"`;
    if (names.length === 0) return `--only is one of ${simulationNames.join(', ')}, not "${only}"`;
    if (!Number.isSafeInteger(threads) || threads < 1)
      return `--threads is a number of threads, not "${values.threads}"`;
    const runs = names.flatMap((name) => runsOf(name, first, count, values.seed === undefined));
    return { runs, threads, json: values.json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function runsOf(simulation: SimulationName, first: number, count: number, withKept: boolean): Run[] {
  const kept = withKept ? keptSeeds.filter((each) => each.simulation === simulation).map(({ seed }) => seed) : [];
  const fresh = Array.from({ length: count }, (_, at) => first + at).filter((seed) => !kept.includes(seed));
  return [...kept, ...fresh].map((seed) => ({ simulation, seed }));
}

function show({ simulation, seed, failure }: RunResult): void {
  if (failure === null) return;
  const after = (failure.atUs / 1_000).toFixed(3);
  console.error(`\nSeed ${seed} of ${simulation} failed after ${after} ms: ${failure.message}`);
  for (const line of failure.lastEvents) console.error(`  ${line}`);
  console.error(`Run it again: npm run simulate -- --only ${simulation} --seed ${seed} --seeds 1`);
}

/** What all runs of one simulation came to. */
class Total {
  readonly simulation: SimulationName;
  readonly failedSeeds: number[] = [];
  readonly counts: Record<string, number> = {};
  runs = 0;
  #tookMs = 0;

  constructor(simulation: SimulationName) {
    this.simulation = simulation;
  }

  add({ seed, failure, tookMs, counts }: RunResult): void {
    this.runs += 1;
    this.#tookMs += tookMs;
    if (failure !== null) this.failedSeeds.push(seed);
    for (const [name, count] of Object.entries(counts)) this.counts[name] = (this.counts[name] ?? 0) + count;
  }

  get msPerSeed(): number {
    return Math.round(this.#tookMs / Math.max(1, this.runs));
  }

  describe(): string {
    const { simulation, runs, failedSeeds, msPerSeed } = this;
    const verdict =
      failedSeeds.length === 0 ? 'none failed' : `${failedSeeds.length} failed: ${failedSeeds.join(', ')}`;
    const counts = Object.entries(this.counts).map(([name, count]) => `${count} ${name}`);
    return `${simulation}: ${runs} seeds of ${msPerSeed} ms each, ${verdict}. ${counts.join(', ')}.`;
  }
}

async function main(): Promise<number> {
  const settings = settingsOf(process.argv.slice(2));
  if (typeof settings === 'string') {
    console.error(`${settings}\n${usage}`);
    return 2;
  }
  const { runs, threads, json } = settings;
  const startedMs = performance.now();
  const names = new Set(runs.map(({ simulation }) => simulation));
  const totals = new Map([...names].map((name) => [name, new Total(name)]));
  let done = 0;
  let failed = 0;
  let shownMs = startedMs;
  await runSeeds(runs, threads, (result) => {
    totals.get(result.simulation)?.add(result);
    done += 1;
    if (result.failure !== null) {
      failed += 1;
      if (failed <= failuresShown) show(result);
      else console.error(`Seed ${result.seed} of ${result.simulation} failed: ${result.failure.message}`);
    }
    if (json || performance.now() - shownMs < progressEveryMs) return;
    shownMs = performance.now();
    console.log(`${done} of ${runs.length} runs, ${failed} failed`);
  });
  const seconds = Number(((performance.now() - startedMs) / 1_000).toFixed(1));
  for (const { failedSeeds } of totals.values()) failedSeeds.sort((left, right) => left - right);
  if (json) {
    const each = [...totals.values()].map(({ simulation, runs: count, msPerSeed, failedSeeds, counts }) => [
      simulation,
      { runs: count, msPerSeed, failed: failedSeeds.length, failedSeeds, ...counts },
    ]);
    console.log(JSON.stringify({ runs: done, seconds, failed, ...Object.fromEntries(each) }));
  } else {
    for (const total of totals.values()) console.log(total.describe());
    console.log(`${done} runs in ${seconds} s, ${failed === 0 ? 'none failed' : `${failed} failed`}.`);
  }
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
