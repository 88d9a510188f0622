/** How Gantry works on a project is said in the panel, and holds from then on. */
import { assertDefined } from '#shared/base/assert.ts';
import { demoTask, writes } from '../fixtures/demo-task.ts';
import type { FleetObserver } from '../fixtures/fleet.ts';
import { expect, test } from '../fixtures/test.ts';
import { expectNoViolations } from '../pages/accessibility.ts';
import { SettingsDialog } from '../pages/settings-dialog.ts';

/** What of the project can be set, as the host has it. */
async function settingsOf({ client, project }: FleetObserver) {
  const { gates, autoMerge, attemptsMax, reworksMax, stallMs } = await client.call('project.open', {
    path: project.path,
  });
  return { gates: gates.map(({ command }) => command), autoMerge, attemptsMax, reworksMax, stallMs };
}

test('gates are written in the panel and run before the next merge lands', async ({ host, fleet, panel, page }) => {
  const projectId = fleet.project.id;
  const settings = new SettingsDialog(page);
  await panel.open(host);
  await panel.command('Edit gates');
  await expect(settings.gates).toBeFocused();
  await settings.gates.fill('test -d work\ngit log -1');
  await settings.save();

  await fleet.client.call('task.add', { projectId, tasks: [demoTask('a', 'Write a file', [writes('a')])] });
  await panel.spawn('Demo agent', 1);
  const mergedLane = () => [...fleet.lanes.values.values()].find((lane) => lane.status === 'merged');
  await fleet.until(() => fleet.allMerged() && mergedLane() !== undefined, 'the task merged');
  const { merges } = await fleet.client.call('lane.gates', { laneId: assertDefined(mergedLane(), 'just seen').id });
  expect(merges.at(-1)?.gates.map((gate) => [gate.command, gate.state])).toEqual([
    ['test -d work', 'passed'],
    ['git log -1', 'passed'],
  ]);
});

test('settings are set with the keyboard alone, and taken back with one press', async ({
  host,
  fleet,
  panel,
  page,
}) => {
  const settings = new SettingsDialog(page);
  await panel.open(host);
  const before = await settingsOf(fleet);
  await settings.open();
  for (const [field, text] of [
    [settings.attempts, '5'],
    [settings.reworks, '0'],
    [settings.stalledAfter, '90 s'],
  ] as const) {
    await field.focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.type(text);
  }
  await settings.autoMerge.focus();
  await page.keyboard.press('Space');
  await settings.attempts.focus();
  await page.keyboard.press('Enter');
  await expect(settings.dialog).toBeHidden();
  await expect(panel.toast).toContainText('Project settings saved.');
  expect(await settingsOf(fleet)).toEqual({
    ...before,
    autoMerge: !before.autoMerge,
    attemptsMax: 5,
    reworksMax: 0,
    stallMs: 90_000,
  });

  await panel.toast.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => settingsOf(fleet)).toEqual(before);
});

test('only what was changed here is saved', async ({ host, fleet, panel, page }) => {
  const settings = new SettingsDialog(page);
  await panel.open(host);
  await settings.open();
  await fleet.client.call('project.configure', { projectId: fleet.project.id, attemptsMax: 7 });
  await settings.reworks.fill('9');
  await settings.save();
  expect(await settingsOf(fleet)).toMatchObject({ attemptsMax: 7, reworksMax: 9 });
});

test('a wrong value is named at its field, and nothing is saved', async ({ host, fleet, panel, page }) => {
  const settings = new SettingsDialog(page);
  await panel.open(host);
  const before = await settingsOf(fleet);
  await settings.open();
  await settings.reworks.fill('9');
  await settings.stalledAfter.fill('2 days');
  await settings.saveButton.click();
  await expect(settings.dialog.getByRole('alert')).toHaveText('Write a time from 1 s to 1,440 min, such as 10 min.');
  await expect(settings.stalledAfter).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(settings.dialog).toBeHidden();
  expect(await settingsOf(fleet)).toEqual(before);
});

test('axe finds nothing in the settings, right or wrong, in light and dark', async ({ host, fleet, panel, page }) => {
  const settings = new SettingsDialog(page);
  await panel.open(host);
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await settings.open();
    await expect(settings.dialog).toContainText(fleet.project.path);
    await expectNoViolations(page, `settings, ${theme}`);
    await settings.attempts.fill('0');
    await settings.saveButton.click();
    await expectNoViolations(page, `settings with a wrong value, ${theme}`);
    await page.keyboard.press('Escape');
    await expect(settings.dialog).toBeHidden();
  }
});
