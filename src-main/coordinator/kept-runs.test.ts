import { expect, it } from 'vitest';
import { runRetention } from './decide/run-retention.ts';
import { scriptedWorkshop, worksForEver, writesOwnFile } from './scripted-workshop.fixture.ts';

it('of lanes that ended the oldest are forgotten when all take too much; those of live lanes never', async () => {
  const { shop, worker } = await scriptedWorkshop((run) =>
    run.spec.env['GANTRY_TASK_ID'] === 'live' ? worksForEver(run) : writesOwnFile(run),
  );
  worker.keptBytes = runRetention.bytesMax / 2;
  const lanesWithRuns = () =>
    [...worker.reports().values()].map(
      (report) => worker.started.find((spec) => spec.runId === report.runId)?.env['GANTRY_TASK_ID'],
    );
  await shop.addTasks({ key: 'live' }, { key: 'a' });
  await shop.spawn(2);
  await shop.until('a is merged', () => shop.taskStates()[1] === 'a merged');
  await shop.addTasks({ key: 'b', dependsOn: ['a'] }, { key: 'c', dependsOn: ['b'] });
  await shop.until('c is merged', () => shop.taskStates().at(-1) === 'c merged');
  await shop.until('the oldest is forgotten', () => lanesWithRuns().length === 3);
  expect(lanesWithRuns()).toEqual(['live', 'b', 'c']);
  await shop.coordinator.idle();
  expect(lanesWithRuns()).toEqual(['live', 'b', 'c']);
});
