/** The services views over made-up data: every dialog as an assistive program meets it, and a stack of sixty. */
import { expect, test } from '../fixtures/panel-test.ts';
import { expectNoViolations } from '../pages/accessibility.ts';
import { ServiceDialogs } from '../pages/service-dialogs.ts';

test.use({ webOnly: 'the made-up data is served over HTTP' });

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing on services and their dialogs, ${colorScheme}`, async ({ open, page, panel }) => {
    test.setTimeout(180_000);
    await page.emulateMedia({ colorScheme });
    const made = await open('pictures');
    await panel.goTo('Services');
    await expect(panel.heading).toHaveText('api takes 10 % of its traffic on revision 15.');
    const drawer = await panel.services.open('api');
    const dialogs = new ServiceDialogs(page);
    const { dialog } = dialogs;
    const isClean = (what: string): Promise<void> => expectNoViolations(page, `${what}, ${colorScheme}`);
    /** Opens a dialog by its command, looks at it, and closes it. */
    const look = async (command: string, shown: () => Promise<unknown> = async () => undefined): Promise<void> => {
      await panel.command(command);
      await dialog.waitFor();
      await shown();
      await isClean(command);
      await dialogs.leave();
    };

    await isClean('the graph');
    await page.setViewportSize({ width: 1_024, height: 700 });
    await isClean('the graph in a small window');
    await page.setViewportSize({ width: 1_440, height: 900 });
    await panel.services.show('Table');
    await isClean('the table');
    await panel.services.show('Graph');
    await drawer.getByRole('button', { name: 'More for api' }).click();
    await page.getByRole('menu').waitFor();
    await isClean('the menu of a service');
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'hidden' });

    await look('Edit api', async () => {
      await expect(dialogs.plan).toContainText('memory 256 → 384 MB');
      await isClean('the form of a service');
      await dialogs.tab('YAML').click();
    });
    await look('New service', () => dialogs.writeService('mail', 'parcel/mail', '8080'));
    await look('Import Compose', async () => {
      await dialogs.field('Text of the file').fill('services: {}');
      await expect(dialogs.plan).toContainText('services.web.network_mode');
    });
    await look('Export services', () => expect(dialog).toContainText('web: no canary'));
    await look('Logs of api', () => expect(dialogs.log).toContainText('listening on 8080'));
    await look('Statistics of api', () => expect(dialog).toContainText('api.1'));
    await look('Prove that web', () => expect(dialog).toContainText('12 of 12,000 requests failed'));
    await panel.command('Terminal in api');
    await expect(dialogs.screen).toContainText('index.html');
    await isClean('the terminal');
    await dialogs.button('Close terminal').click();
    await dialog.waitFor({ state: 'hidden' });

    await look('Secrets and the master key', () => dialogs.button('Set new version').click());
    await look('Configs', () => dialogs.button('Edit').click());
    await look('Volumes and their backups', () => dialogs.button('Put back').first().click());
    await look('Images and what a prune', () => dialogs.button('Prune…').click());
    await look('Hosts: drain', async () => {
      await dialogs.button('Drain').first().click();
      await dialogs.button('Add a host').click();
    });

    await look('Roll back api', () => expect(dialog).toContainText('Undone'));
    await look('End the rollout of api', () => expect(dialog).toContainText('revision 14 serves on'));
    await look('Scale api');
    await look('Remove api');
    await drawer.getByRole('button', { name: 'Log of revision 12' }).click();
    await isClean('the record of a rollout');
    await dialogs.leave();

    made.services.setHost('dock-a', {
      engine: { state: 'unreachable', detail: 'connection refused', advice: 'Start it.', sinceMs: Date.now() - 60_000 },
    });
    made.services.setService('api', { status: 'stale' });
    await expect(panel.main).toContainText('The engine of dock-a does not answer');
    await isClean('an engine that is away');
  });
}

test('a log that changes in the very moment of a scroll leaves the person where they are', async ({
  open,
  page,
  panel,
}) => {
  await open('pictures');
  await panel.goTo('Services');
  await panel.services.open('api');
  await panel.command('Logs of api');
  const dialogs = new ServiceDialogs(page);
  await expect(dialogs.log).toContainText('listening on 8080');
  // Drawn anew before the event of the scroll has come, as by a line that arrives just then.
  await dialogs.button('Times').evaluate((times) => {
    times.closest('[role=dialog]')?.querySelector('[role=region]')?.scrollTo({ top: 0 });
    times.dispatchEvent(new Event('click', { bubbles: true }));
  });
  await expect(dialogs.log).toContainText('migration 1 applied');
  await expect(dialogs.button('To the end')).toBeVisible();
  await dialogs.button('To the end').click();
  await expect(dialogs.log).toContainText('listening on 8080');

  await dialogs.log.hover();
  await page.mouse.wheel(0, -4);
  await expect(dialogs.button('To the end')).toBeVisible();
  await page.mouse.wheel(0, 400);
  await expect(dialogs.button('Following')).toBeVisible();
  await dialogs.log.focus();
  await page.keyboard.press('Home');
  await expect(dialogs.log).toContainText('migration 1 applied');
  await page.keyboard.press('End');
  await expect(dialogs.button('Following')).toBeVisible();
});

test('all of it is reached from the keyboard', async ({ open, page, panel }) => {
  await open('pictures');
  await panel.goTo('Services');
  await panel.services.open('api');
  const names = new Set<string>();
  // As many stops as the view can have; the names of those that hold the focus.
  for (let stop = 0; stop < 90; stop += 1) {
    await page.keyboard.press('Tab');
    names.add(
      await page.evaluate<string>(
        `(() => { const e = document.activeElement; return (e?.getAttribute('aria-label') || e?.textContent || '').trim(); })()`,
      ),
    );
  }
  for (const [key, title] of [
    ['l', 'Logs of api'],
    ['d', 'Edit api'],
    ['b', 'Roll back api to revision 14'],
  ] as const) {
    await panel.heading.click();
    await page.keyboard.press(key);
    await expect(panel.dialog.getByRole('heading', { name: title })).toBeVisible();
    await page.keyboard.press('Escape');
    await panel.dialog.waitFor({ state: 'hidden' });
  }
  const reached = [...names].join('\n');
  for (const name of [
    'Graph',
    'Table',
    'New service',
    'More for services',
    'dock-a',
    'pg-data',
    'api.1',
    'Logs',
    'Terminal',
    'More for api',
    'Promote now',
    'Pause',
    'Roll back to 14',
    'Roll back to revision 13',
    'Log of revision 12',
    'older revision',
  ]) {
    expect(reached).toContain(name);
  }
});

test('the links of a service far down a long graph lead to hosts and volumes that are in view', async ({
  open,
  page,
  panel,
}) => {
  await open('stack');
  await panel.goTo('Services');
  const { topology } = panel.services;
  await expect(topology.locator('.node--service')).toHaveCount(60);
  const host = topology.getByRole('button', { name: 'dock-a' });
  /** The ends of the links to hosts and volumes, as far from the window's top as they are drawn. */
  const linkEnds = (): Promise<number[]> =>
    topology
      .locator('.link--host')
      .evaluateAll((paths) => paths.map((path) => Math.round(path.getBoundingClientRect().top)));
  const isLinked = async (): Promise<void> => {
    await expect(host).toBeInViewport({ ratio: 1 });
    const box = await host.boundingBox();
    const middle = Math.round((box?.y ?? 0) + (box?.height ?? 0) / 2);
    // It is the upper one of the two hosts.
    await expect.poll(async () => Math.abs(Math.min(...(await linkEnds())) - middle)).toBeLessThanOrEqual(2);
    expect(middle).toBeGreaterThan(0);
  };

  await panel.services.open('part-40');
  await isLinked();
  await expect(topology.getByRole('button', { name: 'data-39' })).toBeInViewport({ ratio: 1 });
  await topology.hover();
  await page.mouse.wheel(0, 150);
  await isLinked();
  await page.keyboard.press('Escape');
  for (let step = 0; step < 12; step += 1) await page.keyboard.press('j');
  const chosen = topology.locator('.node--service[aria-pressed=true]');
  await expect(chosen).toContainText('part-56');
  await expect(chosen).toBeInViewport({ ratio: 1 });
  await isLinked();
});

test('the panel of a service that a filter hides is never that of another one', async ({ open, page, panel }) => {
  await open('pictures');
  await panel.goTo('Services');
  const drawer = await panel.services.open('api');
  await page.keyboard.press('/');
  await page.keyboard.type('web');
  await expect(panel.services.topology.locator('.node--service')).toHaveCount(1);
  await expect(page.getByRole('complementary')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(drawer).toBeVisible();
});

test('sixty services stay in their places, readable, while their numbers move', async ({ open, page, panel }) => {
  await open('stack');
  await panel.goTo('Services');
  const nodes = panel.services.topology.locator('.node--service');
  await expect(nodes).toHaveCount(60);
  const places = (): Promise<unknown> =>
    nodes.evaluateAll((elements) =>
      elements.map((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return [x, y, width, height];
      }),
    );
  const before = await places();
  const label = panel.services.topology.locator('.link-label').first();
  const rate = await label.textContent();
  await expect(label).not.toHaveText(rate ?? '');
  expect(await places()).toEqual(before);

  const cut = await nodes
    .locator('.node__name')
    .evaluateAll((names) =>
      names.filter((name) => name.scrollWidth > name.clientWidth).map((name) => name.textContent),
    );
  expect(cut).toEqual([]);
  const boxes = (await places()) as [number, number, number, number][];
  for (const [at, [, y, , height]] of boxes.entries()) {
    const next = boxes[at + 1];
    if (next !== undefined) expect(next[1], `below box ${at}`).toBeGreaterThanOrEqual(y + height);
  }
  await page.keyboard.press('/');
  await page.keyboard.type('part-4');
  await expect(nodes).toHaveCount(10);
  await panel.services.show('Table');
  await expect(panel.services.table.getByRole('row')).toHaveCount(11);
  await page.keyboard.press('Escape');
  await expect(panel.services.table.getByRole('row')).toHaveCount(61);
});
