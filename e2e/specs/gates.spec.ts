/** Which commands have to pass is said in the panel, and holds for the next merge. */
import { demoTask, writes } from '../fixtures/demo-task.ts';
import { expect, test } from '../fixtures/test.ts';

test('gates are written in the panel and run before the next merge lands', async ({ host, fleet, panel, page }) => {
  const projectId = fleet.project.id;
  await panel.open(host);
  await panel.command('Edit gates');
  const dialog = page.getByRole('dialog', { name: 'Gates' });
  await dialog.getByLabel('Commands, one a line').fill('test -d work\ngit log -1');
  await dialog.getByRole('button', { name: 'Save gates' }).click();
  await expect(dialog).toBeHidden();

  await fleet.client.call('task.add', { projectId, tasks: [demoTask('a', 'Write a file', [writes('a')])] });
  await panel.spawn('Demo agent', 1);
  await fleet.until(() => fleet.allMerged(), 'the task merged');
  const lane = [...fleet.lanes.values.values()].find((each) => each.status === 'merged');
  const { merges } = await fleet.client.call('lane.gates', { laneId: lane?.id ?? ('' as never) });
  expect(merges.at(-1)?.gates.map((gate) => [gate.command, gate.state])).toEqual([
    ['test -d work', 'passed'],
    ['git log -1', 'passed'],
  ]);
});
