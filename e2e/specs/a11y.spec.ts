/** Every view with real data, in both themes, as an assistive program meets it. */
import type { Locator } from 'playwright/test';
import { demoTask, forLong, writes } from '../fixtures/demo-task.ts';
import type { FleetObserver } from '../fixtures/fleet.ts';
import { expect, test } from '../fixtures/test.ts';
import { expectNoViolations } from '../pages/accessibility.ts';

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

test('axe finds nothing in open menus, tips and dialogs, in light and dark', async ({ host, fleet, panel, page }) => {
  test.setTimeout(180_000);
  await fillWith(fleet);
  await panel.open(host);
  const menu = page.getByRole('menu');
  const row = panel.lanes.row('Run for long');
  const menus: readonly [name: string, trigger: Locator][] = [
    ['the repositories', panel.topBar.getByTitle('Switch repository')],
    ['the target branch', panel.topBar.getByTitle('Target branch: lanes merge into it')],
    ['kinds of agent', panel.topBar.getByTitle('Agent kind')],
    ['how many', panel.topBar.getByTitle('How many')],
    ['a lane', row.getByRole('button', { name: 'Stop, retry, hand over…' })],
  ];
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    for (const [name, trigger] of menus) {
      await row.hover();
      await trigger.click();
      await menu.waitFor();
      await expectNoViolations(page, `the menu of ${name}, ${theme}`);
      await page.keyboard.press('Escape');
      await expect(menu).toHaveCount(0);
    }
    await page.getByRole('button', { name: 'Filter by text' }).hover();
    await page.getByText(/^Filter by text/).waitFor();
    await expectNoViolations(page, `a tip, ${theme}`);
    await page.keyboard.press('?');
    await panel.dialog.waitFor();
    await expectNoViolations(page, `the shortcuts, ${theme}`);
    await page.keyboard.press('Escape');
    await expect(panel.dialog).toHaveCount(0);
  }
});

test('Tab leads out of an open menu and closes it', async ({ host, fleet, panel, page }) => {
  await panel.open(host);
  await expect(panel.topBar).toContainText(fleet.project.name);
  await panel.topBar.getByTitle('Switch repository').click();
  await expect(page.getByRole('menu').getByRole('menuitemcheckbox').first()).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('menu')).toHaveCount(0);
  await expect(panel.topBar.getByTitle('Target branch: lanes merge into it')).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByRole('menu').waitFor();
  await page.keyboard.press('Shift+Tab');
  await expect(page.getByRole('menu')).toHaveCount(0);
  await expect(panel.topBar.getByRole('button', { expanded: true })).toHaveCount(0);
  expect(await page.evaluate('document.activeElement.matches("button")')).toBe(true);
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
