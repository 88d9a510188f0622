import { describe, expect, it } from 'vitest';
import { collisionsOf, type LaneSnapshot, lanesToLookAt, pairsToTry } from './forecast.ts';
import { commit, laneId } from './sample.fixture.ts';

const snapshot = (number: number, ...changedPaths: string[]): LaneSnapshot => ({
  laneId: laneId(number),
  number,
  commit: commit(String(number)),
  changedPaths,
});

describe('the forecast', () => {
  it('tries only lanes that touch the same path, each pair once', () => {
    const lanes = [snapshot(3, 'a', 'b'), snapshot(1, 'a', 'b'), snapshot(2, 'c')];
    expect(pairsToTry(lanes, 9).map((pair) => [pair.first.number, pair.second.number])).toEqual([[1, 3]]);
  });

  it('keeps to its bound', () => {
    const lanes = Array.from({ length: 9 }, (_, index) => snapshot(index + 1, 'a'));
    expect(pairsToTry(lanes, 9)).toHaveLength(9);
    expect(pairsToTry(lanes, 99)).toHaveLength(36);
  });

  it('looks at every busy lane in turn', () => {
    const busy = [1, 2, 3, 4, 5].map((number) => ({ id: laneId(number) }));
    const lookedAt = new Map<ReturnType<typeof laneId>, number>();
    const turns = [1, 2, 3].map((pass) => {
      const looked = lanesToLookAt(busy, lookedAt, 2);
      for (const lane of looked) lookedAt.set(lane.id, pass);
      return looked.map((lane) => lane.id);
    });
    expect(turns).toEqual(
      [
        [1, 2],
        [3, 4],
        [5, 1],
      ].map((numbers) => numbers.map(laneId)),
    );
  });

  it('tells both lanes, and a lane of the target', () => {
    const [first, second] = [snapshot(1, 'a'), snapshot(2, 'a')];
    const collisions = collisionsOf([
      { first, second, paths: ['a'] },
      { first, second: null, paths: ['b'] },
    ]);
    expect(collisions.get(laneId(1))).toEqual([
      { laneId: laneId(2), laneNumber: 2, path: 'a' },
      { laneId: null, laneNumber: null, path: 'b' },
    ]);
    expect(collisions.get(laneId(2))).toEqual([{ laneId: laneId(1), laneNumber: 1, path: 'a' }]);
  });
});
