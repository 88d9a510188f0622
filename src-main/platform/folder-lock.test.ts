import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from './folder-lock.ts';

const fixture = fileURLToPath(new URL('folder-lock.fixture.ts', import.meta.url));
let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-lock-'));
  children = [];
});

afterEach(async () => {
  await Promise.all(children.map(end));
  rmSync(folder, { recursive: true, force: true });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function starter(): Promise<{ child: ChildProcess; held: boolean; by?: { pid: number; command: string } }> {
  const child = spawn(process.execPath, [fixture, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, ...(JSON.parse(line) as { held: boolean; by?: { pid: number; command: string } }) };
}

test('a held folder names its holder, also within the same process', () => {
  const first = lockFolder(folder);
  const second = lockFolder(folder);
  expect(first.ok).toBe(true);
  expect(second).toMatchObject({ ok: false, error: { pid: process.pid, host: hostname() } });
  if (!second.ok) expect(readFileSync(second.error.lockFile, 'utf8')).toContain(String(process.pid));
  if (first.ok) first.value.dispose();
});

test('a released folder can be taken again, and only one lock file stays', () => {
  for (let round = 0; round < 5; round += 1) {
    const lock = lockFolder(folder);
    if (!lock.ok) throw new Error('the folder was released');
    lock.value.dispose();
    lock.value.dispose();
  }
  expect(readdirSync(folder)).toEqual(['gantry.lock.5']);
});

test('another process is refused with pid and command, and may start once the holder has left', async () => {
  const holder = await starter();
  expect(holder.held).toBe(true);
  const refused = lockFolder(folder);
  expect(refused).toMatchObject({ ok: false, error: { pid: holder.child.pid } });
  if (!refused.ok) expect(refused.error.command).toContain('folder-lock.fixture');
  const exited = once(holder.child, 'exit');
  holder.child.stdin?.end();
  await exited;
  const lock = lockFolder(folder);
  expect(lock.ok).toBe(true);
  if (lock.ok) lock.value.dispose();
});

test('the lock of a killed process is taken over', async () => {
  const holder = await starter();
  await end(holder.child);
  const lock = lockFolder(folder);
  expect(lock.ok).toBe(true);
  if (lock.ok) lock.value.dispose();
});

test('of many starters after a crash exactly one gets the folder', async () => {
  const crashed = await starter();
  await end(crashed.child);
  const outcomes = await Promise.all(Array.from({ length: 8 }, starter));
  const winners = outcomes.filter((outcome) => outcome.held);
  expect(winners).toHaveLength(1);
  for (const outcome of outcomes) {
    if (!outcome.held) expect(outcome.by?.pid).toBe(winners[0]?.child.pid);
  }
});

test('a lock whose pid belongs to a later process is stale; one of another machine is not', () => {
  const record = { state: 'held', pid: process.pid, host: hostname(), startedAtMs: 1, command: 'gantry' };
  writeFileSync(join(folder, 'gantry.lock.1'), JSON.stringify({ ...record, identity: 'another-boot:1' }));
  const lock = lockFolder(folder);
  // Where the system tells processes of the same number apart, this one never held the lock.
  expect(lock.ok).toBe(process.platform === 'linux' || process.platform === 'darwin');
  if (lock.ok) lock.value.dispose();
  writeFileSync(join(folder, 'gantry.lock.9'), JSON.stringify({ ...record, identity: null, host: 'elsewhere' }));
  expect(lockFolder(folder)).toMatchObject({ ok: false, error: { host: 'elsewhere' } });
});

test('a lock that is being written is respected', () => {
  writeFileSync(join(folder, 'gantry.lock.3'), '{"state":"he');
  expect(lockFolder(folder)).toMatchObject({ ok: false, error: { pid: 0 } });
});

test('a read-only folder is named', (context) => {
  const refused = expect.objectContaining({ code: 'read-only-folder' }) as Error;
  if (process.getuid?.() !== 0) {
    if (process.platform === 'win32') context.skip('folders have no write permission to take away here');
    chmodSync(folder, 0o500);
    expect(() => lockFolder(folder)).toThrow(refused);
    chmodSync(folder, 0o700);
    return;
  }
  // Permissions do not bind root, a read-only mount does.
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=64k', 'tmpfs', folder], { stdio: 'ignore' });
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    context.skip('root may not mount here, so nothing can be made read-only');
  }
  try {
    expect(() => lockFolder(folder)).toThrow(refused);
  } finally {
    execFileSync('umount', [folder], { stdio: 'ignore' });
  }
});
