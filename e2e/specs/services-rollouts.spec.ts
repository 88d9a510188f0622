/** What a person does with rollouts from the panel: hold, go on, promote, end, go back, replace, scale. */
import { engineProblem, expect, test } from '../fixtures/stack.ts';

test.skip(engineProblem !== null, engineProblem ?? '');

test('a rollout is held, goes on, is promoted or ended; any revision is gone back to', async ({
  docker,
  stack,
  dialogs,
  panel,
  page,
}) => {
  test.setTimeout(240_000);
  const images = [await docker.webImage('one'), await docker.webImage('two'), await docker.webImage('three')];
  const spec = (revision: number) => ({
    name: 'web',
    image: { kind: 'image', reference: images[revision - 1] },
    ports: [{ containerPort: 8080, publish: {} }],
    health: { probe: { kind: 'http', port: 8080, path: '/healthz' }, intervalMs: 250 },
    update: {
      strategy: 'canary',
      canarySteps: [{ weightPercent: 20, holdMs: null }],
      monitorMs: 300,
      keepPreviousMs: 0,
    },
    rollback: { monitorMs: 300, drainMs: 1_000 },
  });
  await stack.deploy(spec(1));
  const drawer = await panel.services.open('web');
  const button = (name: string) => drawer.getByRole('button', { name, exact: true });

  await test.step('a canary is held and goes on', async () => {
    await stack.send(spec(2));
    await expect(panel.heading).toHaveText('web takes 20 % of its traffic on revision 2.', { timeout: 60_000 });
    await expect(drawer).toContainText('until you promote');
    await button('Pause').click();
    await expect(button('Resume')).toBeVisible();
    await expect(drawer.getByRole('img', { name: 'Paused' })).toBeVisible();
    await button('Resume').click();
    await expect(button('Pause')).toBeVisible();
  });

  await test.step('it is promoted', async () => {
    await button('Promote now').click();
    await stack.untilHealthy('web', 2);
    expect(await stack.answer('web')).toBe('two');
  });

  await test.step('the next one is ended, and what served goes on', async () => {
    await stack.send(spec(3));
    await expect(panel.heading).toHaveText('web takes 20 % of its traffic on revision 3.', { timeout: 60_000 });
    await panel.command('End the rollout of web');
    await expect(panel.dialog).toContainText('revision 2 serves on');
    await dialogs.button('End the rollout').click();
    await stack.untilHealthy('web', 2);
    expect(await stack.answer('web')).toBe('two');
  });

  await test.step('any revision is gone back to', async () => {
    await button('Roll back to revision 1').click();
    await expect(panel.dialog).toContainText('Undone');
    await dialogs.button('Roll back to 1').click();
    await stack.untilHealthy('web', 1);
    expect(await stack.answer('web')).toBe('one');
    await panel.command('Roll back web');
    await expect(panel.dialog).toContainText('nothing to go back to');
    await dialogs.button('Close').click();
  });

  await test.step('its replicas are replaced, and scaled', async () => {
    const before = stack.find('web')?.replicas.map(({ containerId }) => containerId) ?? [];
    await panel.command('Replace all replicas of web');
    await expect(panel.toast).toContainText('The replicas of web are being replaced.');
    // That follows the service's own way of updating.
    await button('Promote now').click({ timeout: 60_000 });
    const fresh = () => stack.find('web')?.replicas.filter((each) => !before.includes(each.containerId)) ?? [];
    await stack.fleet.until(
      () => fresh().some(({ state }) => state === 'healthy') && stack.find('web')?.replicas.length === fresh().length,
      'another replica serves',
    );
    await panel.command('Scale web');
    await dialogs.field('Replicas').fill('2');
    await page.keyboard.press('Enter');
    await expect(panel.services.replicas('web').filter({ hasText: 'healthy' })).toHaveCount(2, { timeout: 60_000 });
  });

  await test.step('a first rollout that gets nowhere is ended', async () => {
    await stack.send({
      ...spec(1),
      name: 'late',
      health: { probe: { kind: 'http', port: 8080, path: '/nowhere' }, intervalMs: 250, retries: 100 },
    });
    const late = await panel.services.open('late');
    await late.getByRole('button', { name: 'End the rollout', exact: true }).click();
    await expect(panel.dialog).toContainText('nothing of it runs afterwards');
    await dialogs.button('End the rollout').click();
    await expect(late.getByRole('button', { name: 'End the rollout', exact: true })).toHaveCount(0);
    await stack.fleet.until(() => stack.find('late')?.rollout === null, 'its rollout is over');
    await panel.command('Remove late');
    await dialogs.button('Remove late').click();
    await expect(panel.services.node('late')).toHaveCount(0);
  });
});
