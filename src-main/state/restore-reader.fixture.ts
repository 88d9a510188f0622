/** A thread that reads all settings over and over, and says which of its reads were torn. */
import { parentPort, workerData } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import { assert } from '#shared/base/assert.ts';

const port = parentPort;
assert(port !== null, 'runs as a worker thread');
const database = new SqliteDatabase(workerData as string, { readonly: true });
const read = database.prepare('SELECT count(*) AS count, min(value) AS least, max(value) AS most FROM setting');
const torn: string[] = [];
let reads = 0;
let isStopped = false;

port.once('message', () => {
  isStopped = true;
});
readOnce();
port.postMessage('ready');
readOn();

function readOnce(): void {
  const seen = read.get() as { count: number; least: string; most: string };
  reads += 1;
  if (seen.count !== 2_000 || seen.least !== seen.most) torn.push(JSON.stringify(seen));
}

function readOn(): void {
  if (isStopped) {
    database.close();
    port?.postMessage({ reads, torn });
    return;
  }
  readOnce();
  setImmediate(readOn);
}
