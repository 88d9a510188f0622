/** The host goes away under an open panel, and comes back. */
import { demoTask, forLong, writes } from '../fixtures/demo-task.ts';
import { FleetObserver } from '../fixtures/fleet.ts';
import { expect, test } from '../fixtures/test.ts';

test.use({ webOnly: 'there the panel goes with its app' });

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`after ${signal} the panel says that its data is old, and how old; then it is live again`, async ({
    host,
    repository,
    panel,
  }) => {
    const fleet = await FleetObserver.of(host, repository);
    await fleet.add([
      demoTask('t1', 'Outlive the host', [{ say: 'I go on without you.' }, writes('t1'), forLong]),
      demoTask('t2', 'Ask for something', [{ ask: { title: 'May I?' } }, writes('t2')]),
    ]);
    await fleet.keepBusy('demo', 2);
    await panel.open(host);
    await expect(panel.lanes.mark('Ask for something', 'Needs input')).toBeVisible();
    const drawer = await panel.lanes.open('Outlive the host');
    await expect(drawer.events).toContainText('I go on without you.');
    await expect(panel.statusBar).toContainText(/Live \d/);
    fleet.close();

    await host.kill(signal);
    await expect(panel.main).toContainText(/Reconnecting\. Data from \d.*, \d+ s ago\./);
    await expect(panel.statusBar).toContainText(/Reconnecting, data of/);
    await expect(panel.lanes.row('Outlive the host')).toBeVisible();
    await expect(drawer.events).toContainText('I go on without you.');

    await host.start();
    await expect(panel.statusBar).toContainText(/Live \d/, { timeout: 30_000 });
    await expect(panel.main).not.toContainText('Reconnecting');
    await expect(panel.lanes.mark('Outlive the host', 'Running')).toBeVisible();
    await expect(drawer.events.getByText('I go on without you.')).toHaveCount(1);
    await panel.lanes.row('Ask for something').getByRole('button', { name: 'Allow Y', exact: true }).click();
    await expect(panel.lanes.filter('Merged')).toBeVisible();
    expect(repository.show('main', 'work/t2.txt')).toBe('t2');
  });
}
