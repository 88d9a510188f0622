/** Every view with real data, in both themes, as an assistive program meets it. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright/test';
import { demoTask, forLong, writes } from '../fixtures/demo-task.ts';
import type { FleetObserver } from '../fixtures/fleet.ts';
import { expect, test } from '../fixtures/test.ts';

/** Colours are measured once fades have ended; what turns for ever is left alone. */
const untilStill = `Promise.allSettled(document.getAnimations()
  .filter((each) => Number.isFinite(each.effect?.getComputedTiming().endTime))
  .map((each) => each.finished))`;

async function expectNoViolations(page: Page, where: string): Promise<void> {
  await page.evaluate(untilStill);
  // In its other mode it opens a page of its own, which Electron refuses.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const found = violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.html}`));
  expect(found, where).toEqual([]);
}

test('axe finds nothing on any view, in light and dark', async ({ host, fleet, panel, page }) => {
  test.setTimeout(180_000);
  await fillWith(fleet);
  await panel.open(host);
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await panel.goTo('Lanes');
    const drawer = await panel.lanes.open('Ask and wait');
    for (const tab of ['Events', 'Log', 'Diff', 'Gates'] as const) {
      await drawer.tab(tab);
      await expectNoViolations(page, `lanes, ${tab}, ${theme}`);
    }
    for (const view of ['Tasks', 'Cluster', 'Timeline'] as const) {
      await panel.goTo(view);
      await expectNoViolations(page, `${view}, ${theme}`);
    }
    await panel.timeline.openPlan(/parcel|Opened|start/i);
    await expectNoViolations(page, `the plan of a rollback, ${theme}`);
    await page.keyboard.press('Escape');
    await expect(panel.dialog).toHaveCount(0);
    await page.keyboard.press('Control+k');
    await panel.dialog.waitFor();
    await expectNoViolations(page, `the palette, ${theme}`);
    await page.keyboard.press('Escape');
    await expect(panel.dialog).toHaveCount(0);
    await page.keyboard.press('Control+o');
    await panel.dialog.getByRole('list').waitFor();
    await expectNoViolations(page, `opening a repository, ${theme}`);
    await page.keyboard.press('Escape');
    await expect(panel.dialog).toHaveCount(0);
  }
});

/** Lanes that ask, run, failed and merged, and a task that waits. */
async function fillWith(fleet: FleetObserver): Promise<void> {
  const { client, project } = fleet;
  await client.call('project.configure', {
    projectId: project.id,
    attemptsMax: 1,
    gates: [{ name: 'Files', command: 'ls work' }],
  });
  await fleet.add([
    demoTask('t1', 'Land at once', [writes('t1')]),
    demoTask('t2', 'Ask and wait', [
      { plan: ['One', 'Two'] },
      writes('t2'),
      { ask: { title: 'May I?', command: 'ls' } },
    ]),
    demoTask('t3', 'Run for long', [{ say: 'I run.' }, writes('t3'), forLong]),
    demoTask('t4', 'Fail', [{ fail: 'There is nothing to do it with.' }]),
    demoTask('t5', 'Wait for the first', [forLong], { spec: { dependsOn: ['t3'] } }),
  ]);
  await fleet.keepBusy('demo', 3);
  const shown = () => [...fleet.tasks.values.values()].map((task) => task.shown);
  await fleet.until(
    () => ['merged', 'waiting', 'running', 'failed', 'blocked'].every((each) => shown().includes(each as never)),
    'a task in each state',
  );
}
