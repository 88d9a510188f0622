/** The disk of the data folder fills up while agents work: the panel says so, and all goes on once there is room. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoTask, writes } from '../fixtures/demo-task.ts';
import { runGantry } from '../fixtures/gantry.ts';
import { expect, test as base } from '../fixtures/test.ts';

const diskMb = 256;

/** The app's data folder is a disk of its own. */
const test = base.extend({
  app: async ({ app }, use, testInfo) => {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m`, 'tmpfs', app.home], {
      encoding: 'utf8',
    });
    const missing = mounted.status === 0 ? null : `a small disk cannot be mounted: ${mounted.error ?? mounted.stderr}`;
    if (missing !== null && process.env['CI'] === 'true') throw new Error(missing);
    testInfo.skip(missing !== null, missing ?? '');
    await use(app);
    await app.kill('SIGTERM');
    await runGantry(['shutdown', '--home', app.home]);
    // Busy until the last process is gone whose working directory it was.
    await expect.poll(() => spawnSync('umount', [app.home]).status, { timeout: 20_000 }).toBe(0);
  },
});

test.use({ webOnly: 'Chromium keeps files of its own in the data folder of the desktop app' });

/** Takes all room that is left; answers the folder that holds it. */
function fill(folder: string): string {
  const ballast = join(folder, 'ballast');
  mkdirSync(ballast);
  for (let at = 0; statfsSync(folder).bavail > 0; at += 1) {
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(join(ballast, String(at)), Buffer.alloc(Math.min(bavail * bsize, 8_000_000)));
  }
  return ballast;
}

test('a disk that fills up during a run is shown, loses nothing, and all goes on once there is room', async ({
  host,
  repository,
  fleet,
  panel,
}) => {
  const goOn = join(repository.path, '..', 'go-on');
  // Says more than there is room for once it is told to, and notes each time that it began.
  const talkative = `mkdir -p work; echo began >> "work/$GANTRY_TASK_ID.txt"; until test -e ${goOn}; do sleep 0.1; done; seq 1 1000000`;
  const saysFreeSomeSpace = /Free some space; writing goes on by itself\./;
  await fleet.add([demoTask('before', 'Land before', [writes('before')])]);
  await fleet.keepBusy('demo', 1);
  await fleet.until(() => fleet.allMerged(), 'one has landed');
  await fleet.keepBusy('demo', 0);
  await fleet.add([demoTask('during', 'Work meanwhile', [])]);
  await fleet.keepBusy(`command:${talkative}`, 1);
  await panel.open(host);
  await expect(panel.lanes.mark('Work meanwhile', 'Running')).toBeVisible();
  await expect(panel.lanes.row('Work meanwhile')).toContainText('+1');

  const ballast = fill(host.home);
  await test.step('the run ends at the disk, and the panel says why nothing goes on', async () => {
    writeFileSync(goOn, '');
    await expect(panel.main).toContainText(saysFreeSomeSpace, { timeout: 30_000 });
    expect(fleet.task('before').shown).toBe('merged');
  });

  await test.step('what is typed is refused with the reason and stays', async () => {
    await panel.goTo('Tasks');
    await panel.tasks.add({ Title: 'Typed meanwhile', Prompt: 'Say nothing.', Key: 'typed' });
    await expect(panel.tasks.dialog).toContainText(saysFreeSomeSpace);
    await expect(panel.tasks.field('Title')).toHaveValue('Typed meanwhile');
  });

  rmSync(ballast, { recursive: true });
  await test.step('with room again, all of it is done', async () => {
    await expect(async () => {
      await panel.tasks.press('Add task');
      await expect(panel.tasks.dialog).toBeHidden({ timeout: 1_000 });
    }).toPass({ timeout: 30_000 });
    await fleet.until(() => fleet.tasks.values.size === 3 && fleet.allMerged(), 'all tasks merged', 60_000);
    await panel.goTo('Lanes');
    await expect(panel.main).not.toContainText(saysFreeSomeSpace);
  });
  // The lane went on where it was: what its earlier runs had written is there.
  expect(repository.show('main', 'work/during.txt')).toMatch(/^began(\nbegan)+$/);
  expect(repository.subjects().filter((subject) => subject.startsWith('Merge during'))).toHaveLength(1);
  const lanes = [...fleet.lanes.values.values()].filter((lane) => lane.taskKey === 'during');
  expect(lanes.map((lane) => [lane.status, lane.attempts])).toEqual([['merged', 0]]);
  expect(repository.git('status', '--porcelain')).toBe('');
});
