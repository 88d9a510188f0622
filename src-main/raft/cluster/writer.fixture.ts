/** A process that writes through a cluster as fast as it can and tells what was acknowledged, until it is killed. */
import { writeSync } from 'node:fs';
import { assertDefined } from '#shared/base/assert.ts';
import { openTestCluster, put } from './cluster.fixture.ts';

const [, , folder, firstText] = process.argv;
const first = Number(firstText);
const loops = 16;
const standardOutput = 1;

const cluster = await openTestCluster(assertDefined(folder, 'a folder is given'), {
  thresholds: { entries: 400, bytes: 1_000_000_000, trailingEntries: 20 },
});
let next = first;

async function loop(): Promise<void> {
  for (;;) {
    const number = next;
    next += 1;
    await put(cluster, `key-${number}`, `value-${number}`);
    // Synchronously: what the pipe has was acknowledged, whenever the kill comes.
    writeSync(standardOutput, `${number}\n`);
  }
}

await Promise.all(Array.from({ length: loops }, loop));
