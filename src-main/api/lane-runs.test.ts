import { describe, expect, it } from 'vitest';
import type { LaneId } from '#shared/model/ids.ts';
import { scriptedWorkshop, worksForEver, writesOwnFile } from '../coordinator/scripted-workshop.fixture.ts';
import { laneEvents } from './lane-events.ts';
import { laneLog } from './lane-log.ts';
import { LaneRuns } from './lane-runs.ts';

const never = new AbortController().signal;

async function oneLane(script = writesOwnFile) {
  const { shop, worker } = await scriptedWorkshop(script);
  await shop.addTasks({ key: 'a' });
  await shop.spawn(1);
  const { coordinator } = shop;
  await shop.until('it runs', () => worker.started.length > 0);
  const laneId = coordinator.views.lanes(shop.projectId)[0]?.id as LaneId;
  const runs = new LaneRuns(coordinator, worker);
  const readEvents = () => laneEvents(runs, worker, { laneId, runId: null, afterSeq: 0 }, never).next();
  const readLog = () => laneLog(runs, worker, { laneId, runId: null, fromByte: 0 }, never).next();
  return { shop, worker, laneId, runs, readEvents, readLog };
}

describe('a lane that ended', () => {
  it('says that its events and output are not kept any more, once the worker has forgotten them', async () => {
    const { shop, worker, readEvents, readLog } = await oneLane();
    await shop.untilAllMerged();
    expect((await readEvents()).done).toBe(false);
    await worker.forget([...worker.reports().keys()]);
    const gone = { code: 'not-found', message: expect.stringMatching(/not kept any more.*30 days.*2 GiB/) };
    await expect(readEvents()).rejects.toMatchObject(gone);
    await expect(readLog()).rejects.toMatchObject(gone);
  });

  it('says nothing of the kind while nobody knows what the worker has', async () => {
    const { shop, worker, readEvents } = await oneLane();
    await shop.untilAllMerged();
    await worker.forget([...worker.reports().keys()]);
    worker.setConnection({ state: 'unreachable', sinceMs: 0, reason: 'Away.' });
    expect((await readEvents()).done).toBe(true);
  });
});

it('a lane at work whose run is not known yet has no run yet', async () => {
  const { worker, laneId, runs } = await oneLane(worksForEver);
  const known = [...worker.reports().keys()];
  expect(runs.after(laneId, null)).toBe(known[0]);
  expect(runs.newest(laneId)).toBe(known[0]);
  await worker.forget(known);
  expect(runs.newest(laneId)).toBeNull();
});

it('a lane that nobody knows is refused', async () => {
  const { runs } = await oneLane();
  expect(() => runs.newest('lane-00000000' as LaneId)).toThrow(/not kept any more/);
});
