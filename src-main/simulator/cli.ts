/**
 * `npm run simulate -- --seeds N [--seed FIRST] [--threads N] [--json]`: runs N simulated
 * clusters, starting with the kept seeds when FIRST is not given. Prints the seed of every
 * failure with its last events. Exits 0 only when none failed.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { keptSeeds } from './kept-seeds.ts';
import type { SimulationResult } from './raft/simulation.ts';
import { runSeeds } from './seed-runner.ts';

const usage = 'Usage: npm run simulate -- [--seeds N] [--seed FIRST] [--threads N] [--json]';
/** Failures that are printed in full; of further ones only the seed. */
const failuresShown = 5;
const progressEveryMs = 5_000;

interface Settings {
  readonly seeds: readonly number[];
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
        threads: { type: 'string', default: String(availableParallelism()) },
        json: { type: 'boolean', default: false },
      },
    });
    const count = Number(values.seeds);
    const first = Number(values.seed ?? 1);
    const threads = Number(values.threads);
    if (!Number.isSafeInteger(count) || count < 1) return `--seeds is a number of runs, not "${values.seeds}"`;
    if (!Number.isSafeInteger(first) || first < 0) return `--seed is a whole number, not "${values.seed}"`;
    if (!Number.isSafeInteger(threads) || threads < 1)
      return `--threads is a number of threads, not "${values.threads}"`;
    const kept = values.seed === undefined ? keptSeeds.map(({ seed }) => seed) : [];
    const fresh = Array.from({ length: count }, (_, at) => first + at).filter((seed) => !kept.includes(seed));
    return { seeds: [...kept, ...fresh], threads, json: values.json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function show({ seed, failure }: SimulationResult): void {
  if (failure === null) return;
  console.error(`\nSeed ${seed} failed after ${(failure.atUs / 1_000).toFixed(3)} ms: ${failure.message}`);
  for (const line of failure.lastEvents) console.error(`  ${line}`);
  console.error(`Run it again: npm run simulate -- --seed ${seed} --seeds 1`);
}

async function main(): Promise<number> {
  const settings = settingsOf(process.argv.slice(2));
  if (typeof settings === 'string') {
    console.error(`${settings}\n${usage}`);
    return 2;
  }
  const { seeds, threads, json } = settings;
  const startedMs = performance.now();
  const failedSeeds: number[] = [];
  const total = { runs: 0, events: 0, committed: 0, answered: 0 };
  let shownMs = startedMs;
  await runSeeds(seeds, threads, (result) => {
    total.runs += 1;
    total.events += result.events;
    total.committed += result.committed;
    total.answered += result.answered;
    if (result.failure !== null) {
      failedSeeds.push(result.seed);
      if (failedSeeds.length <= failuresShown) show(result);
      else console.error(`Seed ${result.seed} failed: ${result.failure.message}`);
    }
    if (json || performance.now() - shownMs < progressEveryMs) return;
    shownMs = performance.now();
    console.log(`${total.runs} of ${seeds.length} seeds, ${failedSeeds.length} failed`);
  });
  const seconds = Number(((performance.now() - startedMs) / 1_000).toFixed(1));
  failedSeeds.sort((left, right) => left - right);
  if (json) {
    console.log(JSON.stringify({ ...total, seconds, failed: failedSeeds.length, failedSeeds }));
  } else {
    const verdict =
      failedSeeds.length === 0 ? 'none failed' : `${failedSeeds.length} failed: ${failedSeeds.join(', ')}`;
    console.log(
      `${total.runs} seeds in ${seconds} s, ${verdict}. ${total.events} events checked, ` +
        `${total.committed} entries committed, ${total.answered} operations answered.`,
    );
  }
  return failedSeeds.length === 0 ? 0 : 1;
}

process.exitCode = await main();
