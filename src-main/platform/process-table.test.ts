import { describe, expect, it } from 'vitest';
import { findByEnvironment, parsePs, parseStat, readProcessTable } from './process-table.ts';

describe('parseStat', () => {
  it('finds its way past names with spaces and parentheses', () => {
    const rest = '0 -1 4194560 100 0 0 0 25 5 0 0 20 0 1 0 98765 10000000 300 18446744073709551615';
    const row = parseStat(`42 (a) (b) c) S 7 40 39 ${rest}`);
    expect(row).toMatchObject({
      pid: 42,
      parentPid: 7,
      groupId: 40,
      sessionId: 39,
      stopped: false,
      cpuMs: 300,
      identity: '98765',
    });
  });

  it('leaves out the dead', () => {
    expect(parseStat(`42 (x) Z 7 40 39 ${'0 '.repeat(30)}`)).toBeNull();
  });
});

it('parsePs reads what macOS prints', () => {
  const table = parsePs(
    '  501     1   501 Ss    2048   1:02.50 Sat Nov 21 03:00:00 2026\n  502   501   501 T     1024   0:00.00 Sat Nov 21 03:00:01 2026\n',
  );
  expect(table.get(501)).toMatchObject({
    parentPid: 1,
    groupId: 501,
    cpuMs: 62_500,
    memoryBytes: 2_097_152,
    stopped: false,
  });
  expect(table.get(502)).toMatchObject({ parentPid: 501, stopped: true, identity: 'Sat Nov 21 03:00:01 2026' });
});

it('sees this process, and its environment as it was started', async () => {
  const table = await readProcessTable();
  expect(table.get(process.pid)?.memoryBytes).toBeGreaterThan(1_000_000);
  const path = process.env['PWD'] ?? '';
  expect(path === '' || (await findByEnvironment(table, 'PWD', path)).length > 0).toBe(true);
});
