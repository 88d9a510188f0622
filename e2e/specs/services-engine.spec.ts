/** The engine is out of reach for a while: what is shown is told as old, what runs goes on, and nothing is made anew. */
import { EngineWire } from '../fixtures/engine-wire.ts';
import { engineProblem, expect, test as base } from '../fixtures/stack.ts';

const test = base.extend<{ wire: EngineWire }>({
  wire: async ({}, use) => {
    const wire = await EngineWire.open();
    await use(wire);
    await wire.close();
  },
  hostEnvironment: async ({ wire }, use) => use({ DOCKER_HOST: `unix://${wire.path}` }),
});

test.skip(engineProblem !== null, engineProblem ?? '');

test('an engine that is away leaves what was last known, marked as old, until it answers again', async ({
  docker,
  wire,
  stack,
  dialogs,
  panel,
}) => {
  test.setTimeout(120_000);
  await stack.deploy({
    name: 'web',
    image: { kind: 'image', reference: await docker.webImage('one') },
    ports: [{ containerPort: 8080, publish: {} }],
    health: { probe: { kind: 'http', port: 8080, path: '/healthz' }, intervalMs: 250 },
    update: { monitorMs: 300 },
  });
  const drawer = await panel.services.open('web');
  const replicas = () => stack.find('web')?.replicas.map(({ containerId }) => containerId);
  const before = replicas();

  await wire.cut();
  await expect(panel.heading).toHaveText('The engine does not answer. 1 service is shown as last known.');
  await expect(panel.main).toContainText('What is shown of it is of');
  await expect(drawer).toContainText('last known');
  await expect(panel.statusBar).toContainText('does not answer');
  expect(await stack.answer('web')).toBe('one');
  await panel.command('Scale web');
  await dialogs.field('Replicas').fill('2');
  await panel.page.keyboard.press('Enter');
  await expect(panel.toast).toContainText('web was not scaled to 2; nothing was touched. No engine answers');
  await dialogs.leave();

  await wire.mend();
  await expect(panel.heading).toHaveText('The only service answers.', { timeout: 60_000 });
  await expect(panel.services.replicas('web').filter({ hasText: 'healthy' })).toHaveCount(1);
  expect(replicas()).toEqual(before);
});
