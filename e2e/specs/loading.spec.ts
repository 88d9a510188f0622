/** Files of the panel that do not arrive at the first time, as when the machine's networks change. */
import type { Page } from 'playwright/test';
import { expect, test } from '../fixtures/test.ts';

test.use({ webOnly: 'there no file comes over a network' });

/** Loses the first `times` requests for files with such a name. Answers how many were asked for. */
async function lose(page: Page, name: RegExp, times: number): Promise<() => number> {
  let asked = 0;
  await page.route(name, async (route) => {
    asked += 1;
    await (asked <= times ? route.abort('connectionrefused') : route.continue());
  });
  return () => asked;
}

test('a page that lost one of its files is loaded again', async ({ host, fleet, panel, page }) => {
  const asked = await lose(page, /\/assets\/src-renderer-.*\.js$/, 1);
  await panel.open(host);
  await expect(panel.topBar).toContainText(fleet.project.name);
  // The machine's own networks may change as well meanwhile, and lose it once more.
  expect(asked()).toBeGreaterThan(1);
});

test('a page that lost its style sheet is loaded again', async ({ host, fleet, panel, page }) => {
  const asked = await lose(page, /\/assets\/style-.*\.css$/, 1);
  await panel.open(host);
  await expect(panel.topBar).toContainText(fleet.project.name);
  await expect.poll(asked).toBeGreaterThan(1);
  await expect(panel.topBar).toHaveCSS('display', 'flex');
});

test('a view that was lost is asked for again', async ({ host, fleet, panel, page }) => {
  const asked = await lose(page, /\/assets\/ClusterView-.*\.js$/, 2);
  await panel.open(host);
  await expect(panel.topBar).toContainText(fleet.project.name);
  await panel.goTo('Cluster');
  await expect(panel.heading).toContainText('nodes vote');
  expect(asked()).toBeGreaterThan(2);
});
