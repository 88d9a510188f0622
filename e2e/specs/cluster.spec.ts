/** The Raft nodes under drills and damage, while lanes go on. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectMergedOnce, FleetObserver, workCommand } from '../fixtures/fleet.ts';
import { expect, test } from '../fixtures/test.ts';

const keys = Array.from({ length: 10 }, (_, index) => `t${index + 1}`);

test('leadership is handed over, nodes are cut off and stopped; lanes go on and nothing is lost', async ({
  host,
  repository,
  fleet,
  panel,
  page,
}) => {
  await fleet.begin(
    keys.map((key) => ({ key })),
    2,
    workCommand(1),
    null,
  );
  await panel.open(host);
  await panel.goTo('Cluster');
  const { cluster } = panel;
  await expect(panel.heading).toHaveText('3 of 3 nodes vote. Writes survive one failure.');
  await expect(cluster.leader).toHaveCount(1);
  const leaderId = async () => (await cluster.leader.getAttribute('aria-label')) ?? '';

  await test.step('hand over', async () => {
    const before = await leaderId();
    const to = ['node-1', 'node-2', 'node-3'].find((id) => id !== before) ?? '';
    await cluster.run('Hand over leadership', `Hand over to ${to}`);
    await expect(cluster.node(to).getByText('Leader', { exact: true })).toBeVisible();
    await expect(cluster.drill('Hand over leadership')).toContainText(/ms at|s at/);
  });

  await test.step('cut off, while a second drill is refused with its reason', async () => {
    const before = await leaderId();
    const away = ['node-1', 'node-2', 'node-3'].find((id) => id !== before) ?? '';
    await cluster.run('Cut off a node', `Cut off ${away}`);
    await expect(panel.heading).toHaveText('2 of 3 nodes vote. One more failure stops writes.');
    await expect(cluster.drill('Stop a node')).toContainText('Not now: it would stop writes.');
    await expect(cluster.drill('Stop a node').getByRole('button')).toHaveAttribute('aria-disabled', 'true');
    const refused = fleet.client.call('cluster.drill', {
      kind: 'stop',
      nodeId: fleet.clusterNow().leaderId ?? ('' as never),
      forMs: 60_000,
    });
    await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/would-stop-writes|wrong-state/) });
    await cluster.drill('Cut off a node').getByRole('button', { name: 'Reconnect' }).click();
    await expect(panel.heading).toHaveText('3 of 3 nodes vote. Writes survive one failure.');
  });

  await test.step('the leader itself is stopped; another takes over', async () => {
    const before = await leaderId();
    await cluster.run('Stop a node', `Stop ${before}`);
    await expect(panel.heading).toHaveText('2 of 3 nodes vote. One more failure stops writes.');
    await expect(cluster.node(before)).toContainText('stopped by a drill');
    await expect(cluster.leader).toHaveCount(1);
    expect(await leaderId()).not.toBe(before);
    await page.keyboard.press('e');
    await expect(panel.heading).toHaveText('3 of 3 nodes vote. Writes survive one failure.');
  });

  await fleet.until(() => fleet.allMerged(), 'all merged');
  expectMergedOnce(repository, keys);
  expect(fleet.clusterNow().drills.map((drill) => drill.writesLost)).toEqual([0, 0, 0]);
  await fleet.until(() => {
    const hashes = fleet.clusterNow().nodes.flatMap((node) => node.stateHash ?? []);
    const newest = Math.max(...hashes.map((hash) => hash.index));
    const same = hashes.filter((hash) => hash.index === newest).map((hash) => hash.hash);
    return same.length === 3 && new Set(same).size === 1;
  }, 'three equal states');
});

for (const file of ['log.db', 'state.db'] as const) {
  test(`a node whose ${file} is damaged is fenced, says so, and is rebuilt with one click`, async ({
    host,
    repository,
    panel,
  }) => {
    const before = await FleetObserver.of(host, repository);
    await before.begin([{ key: 't1' }], 1, workCommand(0), null);
    await before.until(() => before.allMerged(), 'merged');
    before.close();
    await host.kill('SIGTERM');
    damage(join(host.home, 'raft', 'node-2', file));
    await host.start();

    await panel.open(host);
    await panel.welcome.recent('parcel').click();
    await panel.goTo('Cluster');
    const { cluster } = panel;
    await expect(panel.heading).toHaveText('2 of 3 nodes vote. One more failure stops writes.');
    await expect(cluster.node('node-2').getByRole('img', { name: 'Fenced' })).toBeVisible();
    await expect(cluster.node('node-2')).toContainText(file);

    const fleet = await FleetObserver.of(host, repository);
    await fleet.begin([{ key: 't2' }], 1, workCommand(0), null);
    await fleet.until(() => fleet.allMerged(), 'the app goes on with two nodes');

    await cluster.node('node-2').getByRole('button', { name: 'Rebuild node-2' }).click();
    await expect(panel.toast).toContainText('node-2 is rebuilt from the others and comes back as node-4.');
    await expect(panel.heading).toHaveText('3 of 3 nodes vote. Writes survive one failure.');
    await fleet.begin([{ key: 't3' }], 1, workCommand(0), null);
    await fleet.until(() => fleet.allMerged(), 'all merged');
    expectMergedOnce(repository, ['t1', 't2', 't3']);
    fleet.close();
  });
}

/**
 * Overwrites a database and what its write-ahead log still holds, as a failing disk does. A torn
 * write-ahead log alone would be no damage: the Raft log brings the state up to date again.
 */
function damage(path: string): void {
  for (const each of [path, `${path}-wal`].filter((file) => existsSync(file))) {
    writeFileSync(each, readFileSync(each).fill(0x5a));
  }
}
