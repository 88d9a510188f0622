// A stand-in for the app that a test kills: starts one run and prints what it hears of it.
import { readFileSync } from 'node:fs';
import { runSpecSchema } from '#shared/contract/worker-protocol.ts';
import { systemClock } from '../platform/clock.ts';
import { openWorkerClient } from '../worker-client/worker-client.ts';
import { silentLog, waitFor, workerEntry } from './worker-bench.fixture.ts';

const [home = '', specFile = ''] = process.argv.slice(2);
const spec = runSpecSchema.parse(JSON.parse(readFileSync(specFile, 'utf8')));
const client = openWorkerClient({ home, clock: systemClock, log: silentLog, entry: workerEntry });
await waitFor(() => client.connection().state === 'connected', 'the worker');
await client.start(spec);
client.follow(spec.runId, 0, (entries) => {
  for (const { seq, event } of entries) process.stdout.write(`${JSON.stringify(event)} ${seq}\n`);
});
