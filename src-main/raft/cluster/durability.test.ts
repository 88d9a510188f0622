import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestCluster, put, removeFolder, temporaryFolder } from './cluster.fixture.ts';
import type { RaftCluster } from './raft-cluster.ts';

const program = fileURLToPath(new URL('./writer.fixture.ts', import.meta.url));
/** Acknowledgements after which the writer is killed, in three lives on the same folder. */
const lives = [150, 900, 400];

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

/** Lets the writer run until so many writes were acknowledged, kills it in the midst of more, and answers all it told. */
async function writeUntilKilled(first: number, acknowledgements: number): Promise<number[]> {
  const child = spawn(process.execPath, [program, folder, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const told: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    told.push(Number(line));
    if (told.length === acknowledgements) child.kill('SIGKILL');
  }
  expect(told.length).toBeGreaterThanOrEqual(acknowledgements);
  return told;
}

it('loses no acknowledged write when its process is killed while it writes', async () => {
  const acknowledged: number[] = [];
  for (const acknowledgements of lives) {
    acknowledged.push(...(await writeUntilKilled(acknowledged.length * 10, acknowledgements)));
    cluster = await openTestCluster(folder);
    const { read } = cluster.store;
    const missing = acknowledged.filter((number) => read.setting(`key-${number}`) !== `value-${number}`);
    expect(missing).toEqual([]);
    await put(cluster, 'after', 'the kill');
    await cluster.close();
  }
}, 90_000);
