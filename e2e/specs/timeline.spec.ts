/** Going back from the panel, and taking that back: nothing is rewritten, nothing is lost. */
import { type FleetObserver, workCommand } from '../fixtures/fleet.ts';
import { expect, test as base } from '../fixtures/test.ts';

/** A project in which three tasks have landed, one after the other, and no agent is busy. */
const test = base.extend<{ merged: FleetObserver }>({
  merged: async ({ fleet }, use) => {
    const tasks = [{ key: 'a' }, { key: 'b', dependsOn: ['a'] }, { key: 'c', dependsOn: ['b'] }];
    await fleet.begin(tasks, 1, workCommand(0), null);
    await fleet.until(() => fleet.allMerged(), 'all merged');
    await fleet.keepBusy(`command:${workCommand(0)}`, 0);
    await use(fleet);
  },
});

test('one click shows the plan, one confirmation rolls back as new commits, one click undoes it', async ({
  host,
  repository,
  merged,
  panel,
}) => {
  const top = repository.git('rev-parse', 'main');
  const afterFirst = repository.git('rev-parse', 'main~2^{tree}');
  await panel.open(host);
  await panel.goTo('Timeline');
  await expect(panel.heading).toHaveText('4 checkpoints today. One click rolls back to any of them.');

  const plan = await panel.timeline.openPlan(/Task a/);
  await expect(plan).toContainText('2 merges are undone. main gets 2 revert commits');
  await expect(plan.getByRole('region', { name: 'The plan' })).toContainText('b, c');
  expect(repository.git('rev-parse', 'main')).toBe(top);

  await panel.timeline.confirm.click();
  await expect(panel.toast).toContainText(/Rolled back 2 merges in/);
  expect(repository.git('rev-parse', 'main^{tree}')).toBe(afterFirst);
  expect(repository.git('merge-base', top, 'main')).toBe(top);
  const reverts = repository.git('log', '--format=%s', `${top}..main`).split('\n');
  expect(reverts).toEqual([expect.stringContaining('Task b'), expect.stringContaining('Task c')]);
  expect(repository.git('status', '--porcelain')).toBe('');
  await expect(panel.autoMerge).toHaveAccessibleName('Auto-merge, paused');
  await expect(panel.autoMerge).not.toBeChecked();
  await expect(panel.heading).toContainText('The last rollback can be undone.');
  const open = () => [...merged.tasks.values.values()].filter((task) => task.status.state === 'open');
  await merged.until(() => open().length === 2, 'two tasks are open again');

  await panel.toast.getByRole('button', { name: 'Undo' }).click();
  await expect(panel.toast).toContainText('R-1 is undone. Its work is back on main.');
  expect(repository.git('rev-parse', 'main^{tree}')).toBe(repository.git('rev-parse', `${top}^{tree}`));
  await merged.until(() => merged.allMerged(), 'the tasks are merged again');
  await expect(panel.timeline.entry(/Task c/)).not.toContainText('undone by');
});

test('a plan that the branch has outrun is refused, and computed again', async ({
  host,
  repository,
  merged,
  panel,
}) => {
  await panel.open(host);
  await panel.goTo('Timeline');
  const plan = await panel.timeline.openPlan(/Task b/);
  repository.write('by-hand.txt', 'mine\n');
  repository.git('add', '-A');
  repository.git('commit', '-qm', 'By hand');
  const mine = repository.git('rev-parse', 'main');

  const again = plan.getByRole('button', { name: 'Compute again' });
  await expect(panel.timeline.confirm.or(again).first()).toBeVisible();
  // The watcher may have seen the commit already; then the plan says so by itself.
  if (await panel.timeline.confirm.isVisible())
    await panel.timeline.confirm.click({ timeout: 2_000 }).catch(expectGone);
  await expect(plan.getByRole('status')).toContainText('This plan is outdated.');
  expect(repository.git('rev-parse', 'main')).toBe(mine);

  await again.click();
  await expect(plan).toContainText('1 merge and 1 commit are undone.');
  await plan.getByRole('button', { name: 'Cancel' }).click();
  await expect(plan).toHaveCount(0);
  expect(repository.git('rev-parse', 'main')).toBe(mine);
  expect(merged.allMerged()).toBe(true);
});

/** The button went away between being looked at and being pressed. */
function expectGone(error: unknown): void {
  expect(String(error)).toContain('Timeout');
}

test('a checkpoint of one’s own is named, filtered for, and found to need no rollback', async ({
  host,
  merged,
  panel,
  page,
}) => {
  expect(merged.allMerged()).toBe(true);
  await panel.open(host);
  await panel.goTo('Timeline');
  await page.getByRole('button', { name: 'Checkpoint now' }).click();
  await panel.dialog.getByRole('textbox', { name: 'Name' }).fill('Before the <b>big</b> change');
  await page.keyboard.press('Enter');
  await expect(panel.timeline.entry('Checkpoint “Before the <b>big</b> change”')).toBeVisible();
  await page.getByRole('button', { name: 'Yours 1' }).click();
  await expect(panel.timeline.entries.getByRole('button')).toHaveCount(1);
  await panel.timeline.entries.getByRole('button').click();
  await expect(panel.timeline.plan).toContainText('Nothing to roll back.');
});
