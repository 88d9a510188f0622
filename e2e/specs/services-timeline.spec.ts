/** Code and services go back together, from one plan in the timeline, and come again with one click. */
import { engineProblem, expect, test } from '../fixtures/stack.ts';
import { expectNoViolations } from '../pages/accessibility.ts';

test.skip(engineProblem !== null, engineProblem ?? '');

test('merges and deploys are taken back by one plan, and brought back by one undo', async ({
  docker,
  dialogs,
  stack,
  fleet,
  panel,
  page,
  repository,
}) => {
  test.setTimeout(180_000);
  const [one, two] = [await docker.webImage('one'), await docker.webImage('two')];
  const spec = (image: string) => ({
    name: 'web',
    image: { kind: 'image', reference: image },
    ports: [{ containerPort: 8080, publish: {} }],
    health: { probe: { kind: 'http', port: 8080, path: '/healthz' }, intervalMs: 250 },
    update: { monitorMs: 300 },
    rollback: { monitorMs: 300 },
  });
  await stack.deploy(spec(one));
  const work = 'mkdir -p work; echo done > work/page.txt';
  await fleet.begin([{ key: 'page' }], 1, work, null);
  await fleet.until(() => fleet.allMerged(), 'the work is merged');
  await fleet.keepBusy(`command:${work}`, 0);
  await stack.deploy(spec(two), 2);
  expect(repository.show('main', 'work/page.txt')).toBe('done');

  await panel.goTo('Timeline');
  const plan = await panel.timeline.openPlan(/^Deploy web, revision 1$/);
  await expect(plan.getByRole('heading', { level: 2 }).first()).toContainText('web at revision 1');
  await expect(plan).toContainText('1 merge and 1 deploy are undone.');
  await expect(plan).toContainText('revision 2 → 1');
  const deploy = page.getByRole('listitem', { includeHidden: true }).filter({ hasText: 'Deploy web, revision 1 → 2' });
  await expect(deploy).toContainText('back to 1');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectNoViolations(page, `a plan that takes services back, ${colorScheme}`);
  }
  await dialogs.button('Roll back 1 merge and 1 deploy').click();
  await stack.untilHealthy('web', 1);
  expect(await stack.answer('web')).toBe('one');
  expect(repository.git('ls-tree', '-r', '--name-only', 'main')).not.toContain('work/page.txt');
  await expect(panel.main).toContainText('Rolled back web to revision 1, page reverted');

  await page.getByRole('button', { name: 'Undo R-1' }).first().click();
  await stack.untilHealthy('web', 2);
  expect(await stack.answer('web')).toBe('two');
  expect(repository.show('main', 'work/page.txt')).toBe('done');
});
