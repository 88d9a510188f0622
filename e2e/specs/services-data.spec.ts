/** Data and places of services from the panel: volumes with their backups, hosts, and what a prune takes. */
import { engineProblem, expect, test } from '../fixtures/stack.ts';

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
    const running = () => stack.find('web')?.replicas.filter(({ state }) => state === 'healthy').length;
    await stack.fleet.until(() => running() === replicas && stack.find('web')?.rollout === null, `${replicas} run`);
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
