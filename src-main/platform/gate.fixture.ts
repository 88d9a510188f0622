// A stand-in for the app that a test kills: runs one gate in `cwd` for the data folder `dataFolder`.
import { systemClock } from './clock.ts';
import { shellGateRunner } from './gate-runner.ts';
import { openLog } from './log.ts';

const [cwd = '', dataFolder = '', command = ''] = process.argv.slice(2);
const log = openLog({ folder: cwd, level: 'info' });
await shellGateRunner({ clock: systemClock, log, baseEnv: process.env, dataFolder }).run({
  gate: { name: 'check', command, timeoutMs: 600_000 },
  cwd,
  env: {},
  signal: new AbortController().signal,
  onOutput: () => undefined,
});
