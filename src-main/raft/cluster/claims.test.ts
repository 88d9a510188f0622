import { afterEach, beforeEach, expect, it } from 'vitest';
import { assertDefined } from '#shared/base/assert.ts';
import { addTestTasks, ClaimRace, openProject } from './claims.fixture.ts';
import { openTestCluster, removeFolder, temporaryFolder } from './cluster.fixture.ts';
import type { RaftCluster } from './raft-cluster.ts';

const rounds = 1_000;
const tasksAtOnce = 100;
const claimants = 10;

let folder: string;
let cluster: RaftCluster | null = null;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(async () => {
  await cluster?.close();
  cluster = null;
  removeFolder(folder);
});

it('gives each of 1,000 tasks that ten claimants want to exactly one, while leaders come and go', async () => {
  cluster = await openTestCluster(folder);
  const { store } = cluster;
  await openProject(store);
  const race = new ClaimRace(store);
  await race.addClaimants(claimants);
  const winnersPerRound: number[] = [];
  let lastToken = 0;
  for (let from = 0; from < rounds; from += tasksAtOnce) {
    for (const taskId of await addTestTasks(store, from, from + tasksAtOnce)) {
      const winners = await race.run(taskId);
      winnersPerRound.push(winners.length);
      for (const { token } of winners) {
        expect(token).toBeGreaterThan(lastToken);
        lastToken = token;
      }
    }
    if (from % 300 === 0) await cluster.crashNode(assertDefined(cluster.view().leaderId, 'a leader'));
  }
  expect(winnersPerRound).toEqual(Array.from({ length: rounds }, () => 1));
}, 120_000);
