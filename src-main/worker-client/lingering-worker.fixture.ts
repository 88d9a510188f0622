/** A worker that goes on living after it has said that it ended, until the file `may-end` is in its data folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../platform/clock.ts';
import { startWorker } from '../worker/worker.ts';

const { values } = parseArgs({ options: { home: { type: 'string' }, 'idle-exit-ms': { type: 'string' } } });
const home = values.home ?? '';
const started = await startWorker({ home, clock: systemClock, idleExitMs: Number(values['idle-exit-ms']) });
if (!started.ok) throw new Error(started.error);
await started.value.closed;
while (existsSync(home) && !existsSync(join(home, 'may-end'))) await setTimeout(10);
