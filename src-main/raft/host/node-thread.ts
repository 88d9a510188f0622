/** A Raft node in a worker thread: the program that the app starts once for each node. */
import { parentPort, workerData } from 'node:worker_threads';
import { assertDefined } from '#shared/base/assert.ts';
import { systemClock } from '../../platform/clock.ts';
import { systemRandom } from '../../platform/random.ts';
import { openStateMachine } from '../../state/state-machine.ts';
import type { NodeReport, NodeRequest, NodeThreadData } from './node-protocol.ts';
import { NodeService, toNodeFailure } from './node-service.ts';

const app = assertDefined(parentPort, 'a node runs in a worker thread');
const data = workerData as NodeThreadData;
const sleeping = new Int32Array(new SharedArrayBuffer(4));

/** The last report closes the port, and with it the thread ends. */
function report(message: NodeReport): void {
  app.postMessage(message);
  if (message.type === 'stopped' || message.type === 'failed') app.close();
}

try {
  const service = new NodeService({
    data,
    clock: systemClock,
    random: systemRandom,
    openStateMachine,
    report,
    block: (durationMs) => Atomics.wait(sleeping, 0, 0, durationMs),
  });
  app.on('message', (request: NodeRequest) => service.onRequest(request));
} catch (error) {
  report({ type: 'failed', failure: toNodeFailure(error, data.folder) });
}
