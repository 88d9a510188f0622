/** Data and places of services from the panel: volumes with their backups, hosts, and what a prune takes. */
import { DockerFixture } from '../../src-main/docker/docker.fixture.ts';
import { OwnEngine, requireOwnEngine } from '../../src-main/docker/own-engine.fixture.ts';
import { runGantry } from '../fixtures/gantry.ts';
import { engineProblem, expect, test } from '../fixtures/stack.ts';

const ownEngineProblem = requireOwnEngine();
/** With an engine of its own beside the machine's, which outlives the app. */
const testWithTwoEngines = test.extend<{ own: OwnEngine }>({
  own: async ({}, use) => {
    const own = await OwnEngine.start();
    await use(own);
    await own.dispose();
  },
  hostEnvironment: async ({ own }, use) => {
    expect(own.endpoint).toContain('unix://');
    await use({});
  },
});

test.skip(engineProblem !== null, engineProblem ?? '');

test('a volume is backed up and put back, a host is drained, and a prune takes what nothing needs', async ({
  docker,
  stack,
  dialogs,
  panel,
  page,
  repository,
}) => {
  test.setTimeout(240_000);
  const image = await docker.webImage('one');
  await stack.deploy({
    name: 'web',
    image: { kind: 'image', reference: image },
    ports: [{ containerPort: 8080, publish: {} }],
    health: { probe: { kind: 'http', port: 8080, path: '/healthz' }, intervalMs: 250 },
    mounts: [{ kind: 'volume', volume: 'data', target: '/data' }],
    update: { order: 'stop-first', monitorMs: 300 },
  });
  const scale = async (replicas: number): Promise<void> => {
    await panel.command('Scale web');
    await dialogs.field('Replicas').fill(String(replicas));
    await page.keyboard.press('Enter');
    await dialogs.dialog.waitFor({ state: 'hidden' });
    // One that still drains has its volume yet.
    const states = () => stack.find('web')?.replicas.flatMap(({ state }) => (state === 'ended' ? [] : [state])) ?? [];
    const isThere = () => states().length === replicas && states().every((state) => state === 'healthy');
    await stack.fleet.until(() => isThere() && stack.find('web')?.rollout === null, `${replicas} run`);
  };

  await test.step('a volume is backed up, and put back only while nothing writes to it', async () => {
    await stack.run('web', 'sh', '-c', 'echo first > /data/note');
    await panel.command('Volumes and their backups');
    const row = dialogs.dialog.getByRole('listitem', { name: 'data' });
    await row.getByRole('button', { name: 'Back up' }).click();
    await expect(panel.toast).toContainText('data is backed up');
    await expect(row.getByRole('list', { name: 'Backups of data' }).getByRole('listitem')).toHaveCount(1);
    await stack.run('web', 'sh', '-c', 'echo second > /data/note');

    const putBack = async (): Promise<void> => {
      await row.getByRole('button', { name: 'Put back' }).click();
      await dialogs.field('Type data to confirm').fill('data');
      await dialogs.button('Put the backup back').click();
    };
    await putBack();
    await expect(row.getByRole('alert')).toContainText('web');
    expect(await stack.run('web', 'cat', '/data/note')).toBe('second\n');
    await dialogs.leave();
    await scale(0);
    await panel.command('Volumes and their backups');
    await putBack();
    await expect(panel.toast).toContainText('data has the content of its backup again.');
    await dialogs.leave();
    await scale(1);
    expect(await stack.run('web', 'cat', '/data/note')).toBe('first\n');
  });

  await test.step('a host is drained, says why what is on it stays, and is used again', async () => {
    await panel.services.open('web');
    await panel.command('Hosts: drain');
    await dialogs.button('Drain').click();
    await expect(dialogs.dialog).toContainText('There is no other host: its 1 replica');
    await dialogs.button(/^Drain ./).click();
    await expect(dialogs.button('Use again')).toBeVisible();
    await dialogs.leave();
    await expect(panel.services.panel('web')).toContainText('1 host: 1 drained');
    await expect(panel.services.topology).toContainText('drains');
    expect(await stack.answer('web')).toBe('one');
    await panel.command('Hosts: drain');
    await dialogs.button('Use again').click();
    await expect(dialogs.button('Drain')).toBeVisible();
    await dialogs.leave();
    await stack.untilHealthy('web', stack.find('web')?.servingRevision ?? 0);
  });

  await test.step('a prune shows what goes, and takes that alone', async () => {
    repository.write('Dockerfile', `FROM ${image}\nENV BUILT=${docker.prefix}\n`);
    repository.git('add', 'Dockerfile');
    repository.git('commit', '-qm', 'Build an image');
    await stack.deploy({ name: 'built', image: { kind: 'build', context: '.' } });
    const built = stack.find('built')?.image.digest;
    await panel.command('Remove built');
    await dialogs.button('Remove built').click();
    await stack.fleet.until(() => stack.find('built') === undefined, 'it is gone');

    await panel.command('Images and what a prune');
    await dialogs.button('Prune…').click();
    const preview = dialogs.dialog.getByRole('region', { name: 'What a prune removes' });
    await expect(preview.getByRole('heading')).toHaveText(/^1 thing goes, .* freed\.$/);
    await expect(preview).toContainText('/built:');
    await expect(preview).not.toContainText(image);
    await preview.getByRole('button', { name: 'Remove 1 thing' }).click();
    await expect(panel.toast).toContainText('are free again.');
    const images = await docker.engine.listImages();
    expect(images.ok && images.value.map(({ digest }) => digest)).not.toContain(built);
    await dialogs.leave();
    expect(await stack.answer('web')).toBe('one');
  });
});

testWithTwoEngines.describe('a second host', () => {
  testWithTwoEngines.skip(ownEngineProblem !== null, ownEngineProblem ?? '');

  testWithTwoEngines(
    'is forgotten at a press while nothing is on it, and with data only once that is given up by its name',
    async ({ own, host, stack, dialogs, panel }) => {
      testWithTwoEngines.setTimeout(180_000);
      const far = await DockerFixture.open(own.endpoint);
      const row = dialogs.dialog.getByRole('listitem', { name: 'far' });
      const gantry = (...words: string[]) => runGantry([...words, '--home', host.home]);
      const forget = async (): Promise<void> => {
        await row.getByRole('button', { name: 'Forget', exact: true }).click();
        await expect(row).toContainText('It is refused while services have anything there.');
        await row.getByRole('button', { name: 'Forget far' }).click();
      };
      try {
        const image = await far.webImage('one');
        await panel.command('Hosts: drain');
        const add = async (): Promise<void> => {
          await dialogs.button('Add a host').click();
          await dialogs.field('Name').fill('far');
          await dialogs.field('Engine').fill(own.endpoint);
          await dialogs.button('Add host').click();
          await expect(row).toContainText('Docker', { timeout: 30_000 });
        };
        await add();

        await stack.deploy({
          name: 'keeper',
          image: { kind: 'image', reference: image },
          mounts: [{ kind: 'volume', volume: 'far-data', target: '/data' }],
          constraints: [{ attribute: 'node.id', operator: '==', value: 'far' }],
          update: { order: 'stop-first', monitorMs: 300 },
        });
        await forget();
        const refusal = 'far still has replicas of main/keeper and the data of main/far-data. Nothing was changed.';
        await expect(row.getByRole('alert')).toContainText(refusal);
        await row.getByRole('button', { name: 'Cancel' }).click();
        await expect(row.getByRole('alert')).toHaveCount(0);
        const asked = await gantry('node', 'rm', 'far');
        expect(asked.code).not.toBe(0);
        expect(asked.stderr).toContain(`${refusal} Drain it and remove its volumes first, or give up what is there.`);
        expect(asked.stderr).toContain('say --yes');

        const keeper = stack.find('keeper');
        await stack.fleet.client.call('service.remove', { serviceId: keeper?.id ?? ('' as never) });
        await stack.fleet.until(() => stack.find('keeper') === undefined, 'it is gone');
        await forget();
        await expect(row.getByRole('alert')).toContainText('far still has the data of main/far-data.');
        const giveUp = row.getByRole('button', { name: 'Give up far' });
        await expect(giveUp).toHaveAttribute('aria-disabled', 'true');
        await dialogs.field('Type far to confirm').fill('far');
        await giveUp.click();
        await expect(row).toHaveCount(0);
        const volumes = await far.engine.listVolumes({});
        expect(volumes.ok && volumes.value.some(({ name }) => name.includes('far-data'))).toBe(true);

        const projectId = stack.fleet.project.id;
        await stack.fleet.client.call('volume.remove', {
          ...{ projectId, stack: 'main' as never, name: 'far-data' as never, withoutBackup: true },
        });
        await add();
        await forget();
        await expect(row).toHaveCount(0);
        await add();
        const removed = await gantry('node', 'rm', 'far');
        expect(removed, removed.stderr).toMatchObject({ code: 0 });
        await expect(row).toHaveCount(0);
      } finally {
        await far.removeAll();
      }
    },
  );
});
