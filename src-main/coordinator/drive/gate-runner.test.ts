import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GateResult } from '#shared/model/gate.ts';
import type { Clock } from '../../ports/clock.ts';
import { gateOutputTailBytes, shellGateRunner } from './gate-runner.ts';

const clock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return { dispose: () => clearTimeout(timer) };
  },
  every(intervalMs, callback) {
    const timer = setInterval(callback, intervalMs);
    return { dispose: () => clearInterval(timer) };
  },
};

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gantry-gate-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function run(command: string, timeoutMs = 20_000, signal = new AbortController().signal): Promise<GateResult> {
  return shellGateRunner(clock, process.env).run({
    gate: { name: 'check', command, timeoutMs },
    cwd,
    env: { GREETING: 'hello' },
    signal,
    onOutput: () => {},
  });
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

  it('ends the whole group of a gate that takes too long', async () => {
    const result = await run('sleep 600 & echo $! > child; wait', 300);
    expect(result.state).toBe('timed-out');
    const pid = Number(readFileSync(join(cwd, 'child'), 'utf8'));
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
  });

  it('ends a gate that is no longer wanted, and what a passed gate left running', async () => {
    const controller = new AbortController();
    const skipped = run('echo ready > ready; sleep 600', 600_000, controller.signal);
    await vi.waitFor(() => readFileSync(join(cwd, 'ready')));
    controller.abort();
    expect((await skipped).state).toBe('skipped');

    expect((await run('sleep 600 & echo $! > child')).state).toBe('passed');
    const pid = Number(readFileSync(join(cwd, 'child'), 'utf8'));
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
  });

  it('says why a gate could not be started', async () => {
    rmSync(cwd, { recursive: true });
    const result = await run('true');
    expect(result).toMatchObject({ state: 'failed', exitCode: null });
    expect(result.outputTail).toContain('could not be started');
  });
});
