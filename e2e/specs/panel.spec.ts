/** What the panel shows and how it answers, over made-up data: no agents, no git. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright/test';
import { expect, test } from '../fixtures/panel-test.ts';

test.use({ webOnly: 'the made-up data is served over HTTP' });

const row = (page: Page, title: string) => page.getByRole('row').filter({ hasText: title });
const askingTitle = 'Verify HMAC signatures on carrier webhooks';

/** Puts the pointer where it holds nothing in place. */
async function restPointer(page: Page): Promise<void> {
  await page.mouse.move(100, 500);
}

test('a request is answered with one key, for the selected lane only', async ({ page, open }) => {
  const panel = await open('pictures');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('2 lanes wait for you. 13 run.');
  await page.keyboard.press('y');
  await row(page, askingTitle).click();
  await page.keyboard.press('y');
  await expect(row(page, askingTitle).getByRole('button', { name: /^Allow/ })).toHaveCount(0);
  expect(panel.calls).toEqual([
    {
      name: 'lane.answer',
      input: { laneId: panel.lane(9).id, requestId: 'request-1', optionId: 'once', forLane: false },
    },
  ]);
});

test('nothing moves under the pointer, and goes to its place once the pointer is gone', async ({ page, open }) => {
  const panel = await open('pictures');
  const failing = row(page, 'Embed label fonts once per document');
  await failing.hover();
  const before = await failing.boundingBox();
  panel.setLane({ ...panel.lane(10), status: 'failed', step: 'Ended with exit code 1' });
  await expect(failing.getByRole('img', { name: 'Failed' })).toBeVisible();
  expect((await failing.boundingBox())?.y).toBe(before?.y);
  await restPointer(page);
  await expect.poll(async () => (await failing.boundingBox())?.y).not.toBe(before?.y);
});

test('a menu stays where it was opened when the pointer leaves its row', async ({ page, open }) => {
  await open('pictures');
  const trigger = row(page, 'Retry carrier calls').getByRole('button', { name: 'Stop, retry, hand over…' });
  await row(page, 'Retry carrier calls').hover();
  await trigger.click();
  const menu = page.getByRole('menu');
  await expect(menu.getByRole('menuitem', { name: /^Stop lane/ })).toBeVisible();
  const before = await menu.boundingBox();
  await restPointer(page);
  await expect(page.locator('[role="row"]:hover')).toHaveCount(0);
  await expect(trigger).toBeVisible();
  expect(await menu.boundingBox()).toEqual(before);
});

test('lanes are walked, opened and closed from the keyboard', async ({ page, open }) => {
  await open('pictures');
  await expect(row(page, askingTitle)).toBeVisible();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect(row(page, 'Rotate the credentials')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('complementary', { name: 'Lane 18' });
  await expect(drawer).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/lanes\/lane-/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Rotate the credentials of the label bucket');
  await page.keyboard.press('Escape');
  await expect(drawer).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(drawer).toHaveCount(0);
});

test('the filter says what it hides, and Escape clears it', async ({ page, open }) => {
  await open('pictures');
  await page.getByRole('button', { name: 'Failed 1', exact: true }).click();
  await expect(row(page, 'Upgrade Fastify')).toBeVisible();
  await expect(row(page, askingTitle)).toHaveCount(0);
  await page.keyboard.press('/');
  await page.keyboard.type('webhook');
  await expect(page.getByRole('heading', { name: 'No failed lane matches “webhook”.' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(row(page, askingTitle)).toBeVisible();
});

test('a lane is talked to, and its log is followed until it is scrolled away from', async ({ page, open }) => {
  const panel = await open('pictures');
  await row(page, 'Return 409 on duplicate shipment keys').click();
  await expect(page.getByRole('textbox', { name: 'Tell lane 12 something' })).toBeVisible();
  await page.keyboard.press('m');
  await page.keyboard.type('Keep version 1.');
  await page.keyboard.press('Enter');
  await expect
    .poll(() => panel.calls)
    .toContainEqual({
      name: 'lane.message',
      input: { laneId: panel.lane(12).id, text: 'Keep version 1.' },
    });
  await page.setViewportSize({ width: 1440, height: 620 });
  await page.getByRole('tab', { name: 'Log' }).click();
  await expect(page.getByText('waits for the database on 4122')).toBeInViewport();
  await page.getByRole('region', { name: 'Log' }).hover();
  await page.mouse.wheel(0, -400);
  await page.getByRole('button', { name: 'To the end' }).click();
  await expect(page.getByRole('button', { name: 'Following' })).toBeVisible();
  await expect(page.getByText('waits for the database on 4122')).toBeInViewport();
});

test('what agents write is text, wherever it is shown', async ({ page, open }) => {
  const panel = await open('pictures');
  const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>\u202e';
  const lane = panel.lane(9);
  const ask = lane.ask === null ? null : { ...lane.ask, command: hostile };
  panel.setLane({ ...lane, title: hostile, step: `Running ${hostile}`, ask });
  await expect(row(page, '<img src=x').first()).toBeVisible();
  expect(await page.locator('main img').count()).toBe(0);
  await expect(page).toHaveTitle('Gantry');
});

test('while the host is away values stay and say their age; then they are fresh again', async ({ page, open }) => {
  const panel = await open('pictures');
  await expect(page.getByText(/^Live /)).toBeVisible();
  const back = panel.restart(3_000);
  await expect(page.getByText(/Reconnecting\. Data from .* ago\./)).toBeVisible();
  await expect(row(page, askingTitle)).toBeVisible();
  await back;
  await expect(page.getByText(/^Live /)).toBeVisible();
  await expect(page.getByText(/Reconnecting\. Data/)).toHaveCount(0);
});

test('an address with a wrong token says what to do', async ({ page, open }) => {
  const panel = await open('pictures');
  await page.goto('about:blank');
  await page.goto(panel.url.replace(/#t=.*/, `#t=${'x'.repeat(43)}`));
  await expect(page.getByText('This address is not valid any more.')).toBeVisible();
});

test('opening a folder that is no repository fails in place', async ({ page, open }) => {
  await open('welcome');
  await page.getByRole('button', { name: 'Open a repository' }).waitFor();
  await page.keyboard.press('Control+o');
  await page.getByRole('textbox', { name: 'Folder' }).fill('/home/dev/notes');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('is not a Git repository. Nothing was changed.');
  await page.getByRole('button', { name: 'Open parcel' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('No lanes yet.');
});

for (const theme of ['light', 'dark'] as const) {
  for (const [name, scene, show] of [
    ['lanes with the drawer', 'pictures', 'Return 409 on duplicate shipment keys'],
    ['no lanes', 'none', null],
    ['the first screen', 'welcome', null],
  ] as const) {
    test(`${name}, ${theme}: axe finds nothing`, async ({ page, open }) => {
      await page.emulateMedia({ colorScheme: theme });
      await open(scene);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      const tabs = show === null ? [null] : ['Events', 'Log', 'Diff', 'Gates'];
      if (show !== null) await row(page, show).click();
      for (const tab of tabs) {
        if (tab !== null) {
          await page.getByRole('tab', { name: tab }).click();
          await expect(page.getByRole('region', { name: tab })).toBeVisible();
        }
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html ?? ''}`)).toEqual([]);
      }
    });
  }
}
