import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GateResult } from '#shared/model/gate.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { systemClock } from './clock.ts';
import { endLostGates, gateOutputTailBytes, shellGateRunner } from './gate-runner.ts';

let cwd = '';
let warnings: string[] = [];
beforeEach(() => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-gate-')));
  warnings = [];
});
afterEach(() => {
  expect(warnings).toEqual([]);
  rmSync(cwd, { recursive: true, force: true });
});

const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message) => void warnings.push(message),
  error: (message) => void warnings.push(message),
  child: () => log,
};

interface Given {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

function run(command: string, given: Given = {}): Promise<GateResult> {
  const { timeoutMs = 20_000, signal = new AbortController().signal, clock = systemClock } = given;
  return shellGateRunner({ clock, log, baseEnv: process.env, dataFolder: cwd }).run({
    gate: { name: 'check', command, timeoutMs },
    cwd,
    env: { GREETING: 'hello' },
    signal,
    onOutput: () => {},
  });
}

/** A command that starts a process with a session of its own, notes its pid in `child`, and does not wait for it. */
function startsSession(env = 'process.env'): string {
  const script = `const child = require('node:child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore', env: ${env} }); child.unref(); require('node:fs').writeFileSync('child', String(child.pid));`;
  return `"${process.execPath}" -e "${script}"`;
}

function childPid(): number {
  return Number(readFileSync(join(cwd, 'child'), 'utf8'));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A killed child of ours stays listed as a zombie where nobody reaps orphans.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('shellGateRunner', () => {
  it('keeps command, exit code and output of a gate that passes', async () => {
    const result = await run('echo "$GREETING"; pwd; echo on error >&2');
    expect(result).toMatchObject({ name: 'check', state: 'passed', exitCode: 0 });
    expect(result.outputTail).toContain('hello');
    expect(result.outputTail).toContain('on error');
  });

  it('fails with the exit code of the command, and keeps only the end of long output', async () => {
    const result = await run('seq 1 20000; exit 3');
    expect(result).toMatchObject({ state: 'failed', exitCode: 3 });
    expect(Buffer.byteLength(result.outputTail)).toBeLessThanOrEqual(gateOutputTailBytes);
    expect(result.outputTail.trimEnd().endsWith('20000')).toBe(true);
  });

  it('keeps everything that a gate wrote before it ended', async () => {
    const result = await run('head -c 15000 /dev/zero | tr "\\0" x; echo end');
    expect(result.outputTail).toBe(`${'x'.repeat(15_000)}end\n`);
  });

  it('ends all that a gate has started when it takes too long', async () => {
    const result = await run('sleep 600 & echo $! > child; wait', { timeoutMs: 300 });
    expect(result).toMatchObject({ state: 'timed-out', exitCode: null });
    expect(isAlive(childPid())).toBe(false);
  });

  it('ends a gate that is no longer wanted, and what a passed gate left running', async () => {
    const controller = new AbortController();
    const skipped = run('echo ready > ready; sleep 600', { timeoutMs: 600_000, signal: controller.signal });
    await vi.waitFor(() => readFileSync(join(cwd, 'ready')));
    controller.abort();
    expect((await skipped).state).toBe('skipped');

    expect((await run('sleep 600 & echo $! > child')).state).toBe('passed');
    expect(isAlive(childPid())).toBe(false);
  });

  it('skips a gate that was not wanted any more before it began', async () => {
    expect((await run('sleep 600', { signal: AbortSignal.abort() })).state).toBe('skipped');
  });

  it('ends one that does not listen to a request', async () => {
    const deaf = `trap '' TERM; echo ready; while :; do sleep 1; done`;
    expect((await run(deaf, { timeoutMs: 300 })).state).toBe('timed-out');
  });

  it('says why a gate could not be started', async () => {
    rmSync(cwd, { recursive: true });
    const result = await run('true');
    expect(result).toMatchObject({ state: 'failed', exitCode: null });
    expect(result.outputTail).toContain('could not be started');
  });
});

describe.skipIf(process.platform === 'win32')('a process with a session of its own', () => {
  it('ends with a gate that takes too long', async () => {
    const result = await run(`${startsSession()}; sleep 600`, { timeoutMs: 1_000 });
    expect(result.state).toBe('timed-out');
    expect(isAlive(childPid())).toBe(false);
  });

  it('ends with a gate that has passed', async () => {
    expect(await run(startsSession())).toMatchObject({ state: 'passed', exitCode: 0 });
    expect(isAlive(childPid())).toBe(false);
  });

  it('ends also when it has cleared its environment and its parent is gone, if it was seen before', async () => {
    const looksAllTheTime: Clock = { ...systemClock, every: (_, callback) => systemClock.every(10, callback) };
    const parent = `${startsSession('{ PATH: process.env.PATH }').replace(/"$/, ' setTimeout(() => {}, 500);"')}`;
    expect((await run(`${parent}; sleep 0.2`, { clock: looksAllTheTime })).state).toBe('passed');
    expect(isAlive(childPid())).toBe(false);
  });

  it('ends at the next start when the program died that ran its gate', async () => {
    const fixture = fileURLToPath(new URL('gate.fixture.ts', import.meta.url));
    const program = spawn(process.execPath, [fixture, cwd, cwd, `${startsSession()}; sleep 600`], { stdio: 'inherit' });
    await vi.waitFor(childPid, { timeout: 10_000 });
    await vi.waitFor(() => expect(isAlive(childPid())).toBe(true));
    const gone = once(program, 'exit');
    program.kill('SIGKILL');
    await gone;
    expect(isAlive(childPid())).toBe(true);

    expect(await endLostGates(join(cwd, 'another'), systemClock)).toBe(0);
    expect(isAlive(childPid())).toBe(true);
    expect(await endLostGates(cwd, systemClock)).toBe(0);
    expect(isAlive(childPid())).toBe(false);
  });
});
