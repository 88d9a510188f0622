/** The worker program: `node main.ts --home <data folder>`. Started detached by the app; ends by itself. */
import { parseArgs } from 'node:util';
import { systemClock } from '../platform/clock.ts';
import { startWorker } from './worker.ts';

const { values } = parseArgs({
  options: { home: { type: 'string' }, 'idle-exit-ms': { type: 'string' } },
});
if (values.home === undefined) {
  process.stderr.write('Usage: worker --home <data folder> [--idle-exit-ms <milliseconds>]\n');
  process.exit(2);
}

const started = await startWorker({
  home: values.home,
  clock: systemClock,
  ...(values['idle-exit-ms'] === undefined ? {} : { idleExitMs: Number(values['idle-exit-ms']) }),
});
if (!started.ok) {
  process.stderr.write(`${started.error}\n`);
  process.exit(3);
}
const worker = started.value;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => void worker.close(`The worker received ${signal}.`));
}
await worker.closed;
