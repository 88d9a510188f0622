/** A lane's branch as a stack of its own, from the lane's drawer: started, looked at, promoted, taken away. */
import { engineProblem, expect, test } from '../fixtures/stack.ts';
import { expectNoViolations } from '../pages/accessibility.ts';

test.skip(engineProblem !== null, engineProblem ?? '');

const services = `kind: Service
name: web
build: .
ports: [{containerPort: 8080, publish: true}]
health: {http: /healthz, interval: 250ms}
stopGrace: 1s
update: {monitor: 200ms}
`;

test('a branch is previewed, followed, and promoted to the main stack', async ({
  docker,
  host,
  stack,
  fleet,
  panel,
  page,
  repository,
}) => {
  test.setTimeout(240_000);
  const image = await docker.webImage('nothing yet');
  repository.write('Dockerfile', `FROM ${image}\nCOPY index.html /www/index.html\n`);
  repository.write('gantry.services.yaml', services);
  repository.write('index.html', 'main');
  repository.git('add', '.');
  repository.git('commit', '-qm', 'Serve a page');
  await fleet.begin([{ key: 'page' }], 1, 'echo "the branch" > index.html; sleep 600', null);
  const textAt = async (url: string | null): Promise<string> => (await fetch(url ?? '', { cache: 'no-store' })).text();

  await panel.open(host);
  const drawer = await panel.lanes.open('Task page');
  const preview = drawer.root.getByRole('region', { name: 'Preview' });
  await expect(await drawer.tab('Diff')).toContainText('index.html');
  await drawer.button('Start preview').click();
  await expect(preview.getByRole('status')).toHaveText('Preview runs', { timeout: 60_000 });
  const address = await preview.getByRole('link', { name: /^http:/ }).getAttribute('href');
  expect(await textAt(address)).toBe('the branch\n');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectNoViolations(page, `the preview in a lane's drawer, ${colorScheme}`);
  }

  await preview.getByRole('button', { name: 'Promote…' }).click();
  await page.getByRole('menuitem', { name: 'All 1 service' }).click();
  await expect(panel.toast).toContainText('1 service of the preview');
  await stack.untilHealthy('web');
  expect(await stack.answer('web')).toBe('the branch\n');

  await panel.goTo('Services');
  await page
    .getByRole('toolbar', { name: 'Stack' })
    .getByRole('button', { name: /^Lane 1/ })
    .click();
  await expect(panel.services.panel('web').or(panel.services.node('web')).first()).toBeVisible();
  await panel.goTo('Lanes');
  await preview.getByRole('button', { name: 'Stop preview' }).click();
  await expect(drawer.root).toContainText('No preview', { timeout: 60_000 });
  expect(await stack.answer('web')).toBe('the branch\n');
  await fleet.keepBusy('command:echo "the branch" > index.html; sleep 600', 0);
});
