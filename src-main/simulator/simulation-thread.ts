/** A worker thread that runs the seeds it is sent and answers each with its result. */
import { parentPort } from 'node:worker_threads';
import { assertDefined } from '#shared/base/assert.ts';
import { simulate } from './raft/simulation.ts';

const port = assertDefined(parentPort, 'runs as a worker thread');
port.on('message', (seed: number) => port.postMessage(simulate(seed)));
