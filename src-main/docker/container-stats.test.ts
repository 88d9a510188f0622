import { describe, expect, it } from 'vitest';
import { ok } from '#shared/base/result.ts';
import { containerStats, statsSampler, statsSchema } from './container-stats.ts';
import type { EngineCalls } from './engine-calls.ts';

/** As an engine on cgroup v1 answers. */
const version1 = {
  read: '2026-11-21T10:00:00.5Z',
  cpu_stats: { cpu_usage: { total_usage: 5_000_000_000 }, system_cpu_usage: 1, online_cpus: 2 },
  memory_stats: {
    usage: 100_000_000,
    limit: 500_000_000,
    stats: { total_inactive_file: 30_000_000, inactive_file: 1 },
  },
  networks: { eth0: { rx_bytes: 10, tx_bytes: 20 }, eth1: { rx_bytes: 1, tx_bytes: 2 } },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 8, minor: 0, op: 'Read', value: 4_096 },
      { major: 8, minor: 0, op: 'Write', value: 8_192 },
      { major: 8, minor: 0, op: 'Total', value: 12_288 },
      { major: 8, minor: 16, op: 'Read', value: 1 },
    ],
  },
  pids_stats: { current: 7 },
};
const atMs = Date.parse(version1.read);
const sample = (answer: object, before: Parameters<typeof containerStats>[2] = null) =>
  containerStats('c1', statsSchema.parse(answer), before);

describe('containerStats', () => {
  it('reads a sample of cgroup v1', () => {
    expect(sample(version1)?.stats).toEqual({
      containerId: 'c1',
      atMs,
      cpuPercent: null,
      memoryBytes: 70_000_000,
      memoryLimitBytes: 500_000_000,
      receivedBytes: 11,
      sentBytes: 22,
      readBytes: 4_097,
      writtenBytes: 8_192,
      pids: 7,
    });
  });

  it('reads a sample of cgroup v2', () => {
    const version2 = {
      ...version1,
      memory_stats: { usage: 100, limit: 500, stats: { inactive_file: 40, anon: 60 } },
      blkio_stats: {
        io_service_bytes_recursive: [
          { op: 'read', value: 3 },
          { op: 'write', value: 4 },
        ],
      },
    };
    expect(sample(version2)?.stats).toMatchObject({ memoryBytes: 60, readBytes: 3, writtenBytes: 4 });
    const bare = {
      ...version2,
      memory_stats: { usage: 100, limit: 500, stats: null },
      blkio_stats: { io_service_bytes_recursive: null },
      networks: undefined,
    };
    expect(sample(bare)?.stats).toMatchObject({ memoryBytes: 100, readBytes: 0, receivedBytes: 0 });
  });

  it('tells the share of one core since the sample before', () => {
    const of = (usedNanoseconds: number, beforeMs: number) =>
      sample(version1, { usedNanoseconds, atMs: atMs - beforeMs })?.stats.cpuPercent;
    expect(of(4_000_000_000, 1_000)).toBe(100);
    expect(of(3_000_000_000, 1_000)).toBe(200);
    expect(of(4_999_000_000, 2_000)).toBeCloseTo(0.05);
    // Restarted: its counter began anew.
    expect(of(6_000_000_000, 1_000)).toBeNull();
    // The same sample again.
    expect(of(5_000_000_000, 0)).toBeNull();
  });

  it('leaves out what does not run', () => {
    const ended = {
      read: '0001-01-01T00:00:00Z',
      cpu_stats: { cpu_usage: { total_usage: 0 } },
      memory_stats: {},
      pids_stats: {},
    };
    expect(sample(ended)).toBeNull();
  });
});

describe('statsSampler', () => {
  it('leaves out what ended while it was asked about, for which an engine answers nothing', async () => {
    const read: EngineCalls['read'] = async (request, schema) =>
      ok(schema.parse(request.path.includes('c2') ? '' : version1));
    const sampler = statsSampler({ read } as Partial<EngineCalls> as EngineCalls, () => true);
    const stats = await sampler.stats(['c1', 'c2']);
    expect(stats.ok && stats.value.map(({ containerId }) => containerId)).toEqual(['c1']);
  });
});
