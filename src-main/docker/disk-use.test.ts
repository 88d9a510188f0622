import { describe, expect, it } from 'vitest';
import { diskSchema, diskUseOf } from './disk-use.ts';

describe('disk use', () => {
  it('counts what nothing uses, and tells the size of each volume that was measured', () => {
    const disk = diskSchema.parse({
      LayersSize: 999,
      Images: [
        { Id: 'a', Size: 100, SharedSize: 30, Containers: 0 },
        { Id: 'b', Size: 100, SharedSize: -1, Containers: 0 },
        { Id: 'c', Size: 100, SharedSize: 0, Containers: 2 },
      ],
      Containers: [
        { Id: 'x', SizeRw: 7, State: 'exited' },
        { Id: 'y', State: 'created' },
        { Id: 'z', SizeRw: 9, State: 'running' },
      ],
      Volumes: [
        { Name: 'v', UsageData: { Size: 50, RefCount: 0 } },
        { Name: 'w', UsageData: { Size: 60, RefCount: 1 } },
        { Name: 'remote', UsageData: { Size: -1, RefCount: 0 } },
        { Name: 'unknown', UsageData: null },
      ],
      BuildCache: [
        { ID: '1', Size: 5, InUse: false },
        { ID: '2', Size: 6, InUse: true },
        { ID: '3', Size: 7, InUse: false, Shared: true },
      ],
    });
    expect(diskUseOf(disk)).toEqual({
      images: { count: 2, sizeBytes: 170 },
      containers: { count: 2, sizeBytes: 7 },
      volumes: { count: 2, sizeBytes: 50 },
      buildCache: { count: 2, sizeBytes: 5 },
      volumeSizes: new Map([
        ['v', 50],
        ['w', 60],
      ]),
    });
  });

  it('of an engine that has nothing is nothing', () => {
    const none = { count: 0, sizeBytes: 0 };
    const empty = diskSchema.parse({ Images: null, Containers: null, Volumes: null, BuildCache: null });
    expect(diskUseOf(empty)).toEqual({
      images: none,
      containers: none,
      volumes: none,
      buildCache: none,
      volumeSizes: new Map(),
    });
  });
});
