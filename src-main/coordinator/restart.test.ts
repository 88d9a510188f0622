import { describe, expect, it } from 'vitest';
import type { AgentScript } from './drive/scripted-worker.fixture.ts';
import { scriptedWorkshop, writesOwnFile } from './scripted-workshop.fixture.ts';

describe('a new coordinator on the same state', () => {
  it('adopts the runs of the last one', async () => {
    let finish = (): void => undefined;
    const script: AgentScript = async (run) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return writesOwnFile(run);
    };
    const { shop, worker } = await scriptedWorkshop(script);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the lane runs', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    await shop.reopenStore();
    await shop.open();
    expect(shop.coordinator.views.lanes(shop.projectId)[0]?.status).toBe('running');
    finish();
    await shop.untilAllMerged();
    expect(worker.started).toHaveLength(1);
    expect(shop.log()).toEqual(['Merge a: Task a', 'Begin']);
  });

  it('finds work that finished while nobody was there', async () => {
    let finish = (): void => undefined;
    const script: AgentScript = async (run) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return writesOwnFile(run);
    };
    const { shop } = await scriptedWorkshop(script);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the lane runs', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    await shop.reopenStore();
    finish();
    await shop.open();
    await shop.untilAllMerged();
  });
});
