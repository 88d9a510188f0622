/** What the engine keeps on disk, and what of it nothing needs. */
import { z } from 'zod';
import { ok } from '#shared/base/result.ts';
import type { ContainerEngine, DiskUse } from '../ports/engine.ts';
import { orNull } from './engine-answer.ts';
import { deadlines, type EngineCalls } from './engine-calls.ts';

const size = z.number().nullish();

/** What is read of `GET /system/df`. */
export const diskSchema = z.object({
  Images: orNull(z.array(z.object({ Size: z.number(), SharedSize: size, Containers: z.number() }))),
  Containers: orNull(z.array(z.object({ SizeRw: size, State: z.string() }))),
  Volumes: orNull(
    z.array(z.object({ Name: z.string(), UsageData: orNull(z.object({ Size: z.number(), RefCount: z.number() })) })),
  ),
  BuildCache: orNull(z.array(z.object({ Size: z.number(), InUse: z.boolean(), Shared: z.boolean().default(false) }))),
});

/** The sizes of volumes and what pruning would remove: images without containers, ended containers, volumes of none, idle build caches. */
export function diskUseOf(disk: z.infer<typeof diskSchema>): DiskUse {
  const images = (disk.Images ?? []).filter(({ Containers }) => Containers === 0);
  const containers = (disk.Containers ?? []).filter(
    ({ State }) => State === 'exited' || State === 'dead' || State === 'created',
  );
  const volumes = (disk.Volumes ?? []).flatMap(({ UsageData }) => (UsageData?.RefCount === 0 ? [UsageData] : []));
  const caches = (disk.BuildCache ?? []).filter(({ InUse }) => !InUse);
  return {
    // Layers that other images have too stay.
    images: total(images.map(({ Size, SharedSize }) => Size - Math.max(0, SharedSize ?? 0))),
    containers: total(containers.map(({ SizeRw }) => SizeRw ?? 0)),
    volumes: total(volumes.map(({ Size }) => Math.max(0, Size))),
    buildCache: total(caches.map(({ Size, Shared }) => (Shared ? 0 : Size))),
    volumeSizes: new Map(
      // -1: of another driver, or not measured.
      (disk.Volumes ?? []).flatMap(({ Name, UsageData }) =>
        UsageData === null || UsageData.Size < 0 ? [] : [[Name, UsageData.Size]],
      ),
    ),
  };
}

function total(sizes: readonly number[]): { count: number; sizeBytes: number } {
  return { count: sizes.length, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** The part of an engine that measures its disk; takes seconds where there is much. */
export function diskUse(calls: EngineCalls): Pick<ContainerEngine, 'diskUse'> {
  return {
    async diskUse() {
      const disk = await calls.read(
        { path: '/system/df', deadlineMs: deadlines.measureMs, doing: 'measure its disk' },
        diskSchema,
      );
      return disk.ok ? ok(diskUseOf(disk.value)) : disk;
    },
  };
}
