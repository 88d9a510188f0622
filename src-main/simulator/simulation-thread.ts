/** A worker thread that runs what it is sent and answers each with its result. */
import { parentPort } from 'node:worker_threads';
import { assertDefined } from '#shared/base/assert.ts';
import { type Run, runWorldOf } from './simulations.ts';

const port = assertDefined(parentPort, 'runs as a worker thread');
port.on('message', async (run: Run) => port.postMessage(await runWorldOf(run)));
