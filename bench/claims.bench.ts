/** Ten and a hundred claimants race for one task after the other, through a cluster of three. */
import { addTestTasks, ClaimRace, openProject } from '#main/raft/cluster/claims.fixture.ts';
import { openTestCluster, removeFolder, temporaryFolder } from '#main/raft/cluster/cluster.fixture.ts';
import { type BenchmarkResult, rounded, target } from './benchmark.ts';

export const name = 'claims';
export const description = 'tasks claimed by 10 and by 100 claimants at once: exactly one winner each, and claims/s';

const tasksAtOnce = 100;
const rounds = { 10: 1_000, 100: 300 } as const;

interface Tally {
  withOneWinner: number;
  withOther: number;
  claimsPerSecond: number;
}

/** Runs the rounds on a fresh cluster. Only the races count for the rate, not what prepares them. */
async function race(claimants: keyof typeof rounds): Promise<Tally> {
  const folder = temporaryFolder();
  const cluster = await openTestCluster(folder);
  try {
    await openProject(cluster.store);
    const race = new ClaimRace(cluster.store);
    await race.addClaimants(claimants);
    const tally: Tally = { withOneWinner: 0, withOther: 0, claimsPerSecond: 0 };
    let racedMs = 0;
    for (let from = 0; from < rounds[claimants]; from += tasksAtOnce) {
      for (const taskId of await addTestTasks(cluster.store, from, from + tasksAtOnce)) {
        const startedMs = performance.now();
        const winners = await race.race(taskId);
        racedMs += performance.now() - startedMs;
        if (winners.length === 1) tally.withOneWinner += 1;
        else tally.withOther += 1;
        await race.replace(winners);
      }
    }
    tally.claimsPerSecond = (rounds[claimants] * claimants * 1_000) / racedMs;
    return tally;
  } finally {
    await cluster.close();
    removeFolder(folder);
  }
}

export async function run(say: (line: string) => void): Promise<BenchmarkResult> {
  const ten = await race(10);
  say(`10 claimants: ${Math.round(ten.claimsPerSecond)} claims/s`);
  const hundred = await race(100);
  say(`100 claimants: ${Math.round(hundred.claimsPerSecond)} claims/s`);
  const metrics = {
    rounds_with_one_winner: ten.withOneWinner + hundred.withOneWinner,
    rounds_with_other: ten.withOther + hundred.withOther,
    claims_per_second: rounded(ten.claimsPerSecond),
    claims_per_second_100: rounded(hundred.claimsPerSecond),
  };
  return {
    metrics,
    targets: [
      target(metrics, 'rounds_with_one_winner', '>=', rounds[10] + rounds[100]),
      target(metrics, 'rounds_with_other', '<=', 0),
    ],
  };
}
