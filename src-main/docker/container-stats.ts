/** What containers use: one sample each, taken at once rather than streamed. */
import { z } from 'zod';
import { fail, ok } from '#shared/base/result.ts';
import type { ContainerEngine, ContainerStats } from '../ports/engine.ts';
import { instantMs, orNull } from './engine-answer.ts';
import { deadlines, type EngineCalls } from './engine-calls.ts';
import { enginePath } from './engine-connection.ts';
import { inParallel } from './in-parallel.ts';

const count = z.number().default(0);

/** What is read of `GET /containers/{id}/stats`. All is missing of a container that does not run. */
export const statsSchema = z.object({
  read: z.string().default(''),
  cpu_stats: z.object({
    cpu_usage: z.object({ total_usage: count }).prefault({}),
    system_cpu_usage: count,
    online_cpus: count,
  }),
  memory_stats: z
    .object({ usage: z.number().optional(), limit: count, stats: orNull(z.record(z.string(), z.number())) })
    .prefault({}),
  networks: orNull(z.record(z.string(), z.object({ rx_bytes: count, tx_bytes: count }))),
  blkio_stats: z
    .object({ io_service_bytes_recursive: orNull(z.array(z.object({ op: z.string(), value: count }))) })
    .prefault({}),
  pids_stats: z.object({ current: count }).prefault({}),
});
export type StatsAnswer = z.infer<typeof statsSchema>;

/**
 * More than of other requests: older engines answer all that wait at the tick of their next
 * second, so that fewer at once would take a second a batch.
 */
const samplesAtOnceMax = 32;
/** Samples that nobody asked to go on from for so long are forgotten. */
const keptMs = 300_000;

/** A container's use of processors so far, at a moment of the engine's. */
export interface CpuSample {
  readonly usedNanoseconds: number;
  readonly atMs: number;
}

/** The sample and what the next one is compared with; null of a container that does not run. */
export function containerStats(
  containerId: string,
  answer: StatsAnswer,
  before: CpuSample | null,
): { stats: ContainerStats; cpu: CpuSample } | null {
  const { memory_stats: memory, cpu_stats: processors } = answer;
  const atMs = instantMs(answer.read);
  if (memory.usage === undefined || atMs === null) return null;
  const cpu = { usedNanoseconds: processors.cpu_usage.total_usage, atMs };
  const networks = Object.values(answer.networks ?? {});
  const blocks = answer.blkio_stats.io_service_bytes_recursive ?? [];
  const bytesOf = (operation: string): number =>
    sum(blocks.filter(({ op }) => op.toLowerCase() === operation).map(({ value }) => value));
  return {
    cpu,
    stats: {
      containerId,
      atMs,
      cpuPercent: cpuPercent(before, cpu),
      memoryBytes: usedMemory(memory.usage, memory.stats ?? {}),
      memoryLimitBytes: memory.limit,
      receivedBytes: sum(networks.map(({ rx_bytes }) => rx_bytes)),
      sentBytes: sum(networks.map(({ tx_bytes }) => tx_bytes)),
      readBytes: bytesOf('read'),
      writtenBytes: bytesOf('write'),
      pids: answer.pids_stats.current,
    },
  };
}

/** Percent of one core between two samples; null without an earlier one, or where it was restarted between. */
function cpuPercent(before: CpuSample | null, now: CpuSample): number | null {
  if (before === null || now.atMs <= before.atMs || now.usedNanoseconds < before.usedNanoseconds) return null;
  return ((now.usedNanoseconds - before.usedNanoseconds) / 1e6 / (now.atMs - before.atMs)) * 100;
}

/** Without the page cache that the kernel gives back at once: cgroup v1 and v2 name it differently. */
function usedMemory(usageBytes: number, details: Readonly<Record<string, number>>): number {
  const inactiveBytes = details['total_inactive_file'] ?? details['inactive_file'] ?? 0;
  return Math.max(0, usageBytes - inactiveBytes);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** An engine that is asked about a container which ends meanwhile answers well, and with nothing. */
const nothing = z.literal('');

/** Samples with the processor's share since the sample before, whoever took it. */
export function statsSampler(calls: EngineCalls, hasOneShot: () => boolean): Pick<ContainerEngine, 'stats'> {
  const before = new Map<string, CpuSample>();
  return {
    async stats(ids) {
      const samples = await inParallel(ids, samplesAtOnceMax, async (id) => {
        const answer = await calls.read(
          {
            path: enginePath`/containers/${id}/stats`,
            // Without one-shot the engine takes two samples, a second apart.
            query: { stream: false, ...(hasOneShot() ? { 'one-shot': true } : {}) },
            deadlineMs: deadlines.readMs,
            doing: 'measure a container',
          },
          statsSchema.or(nothing),
        );
        return { id, answer };
      });
      const failed = samples.find(({ answer }) => !answer.ok && answer.error.reason !== 'no-such-container');
      if (failed && !failed.answer.ok) return fail(failed.answer.error);
      const stats: ContainerStats[] = [];
      for (const { id, answer } of samples) {
        const read = answer.ok && answer.value !== '' ? answer.value : null;
        const sample = read === null ? null : containerStats(id, read, before.get(id) ?? null);
        if (sample === null) {
          before.delete(id);
          continue;
        }
        before.set(id, sample.cpu);
        stats.push(sample.stats);
      }
      const newestMs = Math.max(...stats.map(({ atMs }) => atMs));
      for (const [id, { atMs }] of before) if (atMs < newestMs - keptMs) before.delete(id);
      return ok(stats);
    },
  };
}
