/** The first minutes: what is on the machine, opening a repository, and the demo. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FleetObserver } from '../fixtures/fleet.ts';
import { Repository } from '../fixtures/repository.ts';
import { expect, test as base } from '../fixtures/test.ts';

/** A folder that takes the place of the person's own, with programs of its own before all others. */
interface Fixtures {
  personFolder: string;
}

const test = base.extend<Fixtures>({
  personFolder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-person-'));
    mkdirSync(join(folder, 'bin'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  hostEnvironment: async ({ personFolder }, use) =>
    use({ HOME: personFolder, PATH: `${join(personFolder, 'bin')}:${process.env['PATH'] ?? ''}` }),
});

/** A program that prints `text` and ends with `code`. */
function program(folder: string, name: string, text: string, code = 0): void {
  const path = join(folder, 'bin', name);
  writeFileSync(path, `#!/bin/sh\necho '${text}'\nexit ${code}\n`);
  chmodSync(path, 0o755);
}

test.describe('the machine', () => {
  test('is shown: git, agents with their versions, how to install others, the control plane', async ({
    host,
    panel,
    personFolder,
  }) => {
    program(personFolder, 'opencode', '1.2.3');
    program(personFolder, 'gemini', 'no such module', 1);
    await panel.open(host);
    const { welcome } = panel;
    await expect(panel.heading).toHaveText('Open a repository to start.');
    const version = execFileSync('git', ['version'], { encoding: 'utf8' }).split(' ')[2]?.trim() ?? '';
    await expect(welcome.found('Git')).toContainText(version);
    await expect(welcome.found('Demo agent')).toContainText('built in');
    await expect(welcome.found('OpenCode')).toContainText('1.2.3');
    await expect(welcome.found('Gemini')).toContainText('does not start');
    await expect(welcome.found('3 Raft nodes')).toContainText(/leader elected in|leads/);
  });

  test('with a git that is too old says so, and so does opening a repository', async ({
    host,
    panel,
    personFolder,
    repository,
  }) => {
    program(personFolder, 'git', 'git version 2.30.2');
    await panel.open(host);
    await expect(panel.welcome.found('Git')).toContainText('Gantry needs 2.38 or newer');
    await panel.welcome.openDialog();
    await panel.welcome.openPath(repository.path);
    await expect(panel.welcome.problem).toContainText(
      'git 2.30.2 is installed, and Gantry needs 2.38 or newer to try merges without touching your files. Nothing was changed. Update git and try again.',
    );
  });
});

test.describe('a repository', () => {
  test('is opened by its path', async ({ host, panel, repository }) => {
    await panel.open(host);
    await panel.welcome.openDialog();
    await panel.welcome.openPath(repository.path);
    await expect(panel.heading).toHaveText('No lanes yet.');
    await expect(panel.topBar).toContainText('parcel');
    await expect(panel.topBar).toContainText('main');
    expect(repository.git('status', '--porcelain')).toBe('');
  });

  test('is found by walking through folders', async ({ host, panel, personFolder }) => {
    const code = join(personFolder, 'code');
    mkdirSync(join(code, 'notes'), { recursive: true });
    const repository = new Repository();
    execFileSync('git', ['clone', '--quiet', repository.path, join(code, 'harbour')]);
    repository.dispose();
    await panel.open(host);
    const { welcome } = panel;
    await welcome.openDialog();
    await welcome.dialog.getByRole('button', { name: 'code', exact: true }).click();
    await expect(welcome.folder).toHaveValue(code);
    await welcome.dialog.getByRole('button', { name: 'notes' }).click();
    await expect(welcome.dialog.getByText('No folders in here.')).toBeVisible();
    await welcome.dialog.getByRole('button', { name: 'Up one folder' }).click();
    await welcome.dialog.getByRole('button', { name: 'Open harbour' }).click();
    await expect(panel.heading).toHaveText('No lanes yet.');
    await expect(panel.topBar).toContainText('harbour');
  });

  test('that cannot be worked on is refused in place, with what to do', async ({ host, panel, personFolder }) => {
    const repository = new Repository({ 'a.txt': 'one\n' });
    repository.write('a.txt', 'two\n');
    repository.git('commit', '-qam', 'Second');
    const at = (name: string): string => join(personFolder, name);
    const git = (...args: string[]): void => void execFileSync('git', args, { stdio: 'pipe' });
    mkdirSync(at('plain'));
    writeFileSync(at('notes.txt'), '');
    git('init', '-q', at('empty'));
    git('clone', '-q', '--bare', repository.path, at('bare.git'));
    git('clone', '-q', '--depth', '1', `file://${repository.path}`, at('shallow'));
    repository.dispose();

    await panel.open(host);
    const { welcome } = panel;
    await welcome.openDialog();
    for (const [path, says] of [
      [at('absent'), /does not exist\. Nothing was changed\. Check the path\./],
      [at('notes.txt'), /is a file\. Nothing was changed\. Choose the folder of a repository\./],
      [at('plain'), /is not a git repository\. Nothing was changed\. .*git init/],
      [at('empty'), /has no commit yet.*Nothing was changed\. Make a first commit/],
      [at('bare.git'), /is a bare repository.*Nothing was changed\. Clone it/],
      [at('shallow'), /is a shallow clone.*Nothing was changed\. .*git fetch --unshallow/],
    ] as const) {
      await welcome.openPath(path);
      await expect(welcome.problem).toHaveText(says);
      await expect(welcome.folder).toHaveValue(path);
    }
  });
});

test('a start with another repository shows that one, and what the person chose since stays', async ({
  panel,
  app,
}) => {
  const [parcel, harbour] = [new Repository(), new Repository({ 'README.md': '# Harbour\n' }, 'harbour')];
  const host = await app.start('--repo', parcel.path);
  await panel.open(host);
  await expect(panel.topBar).toContainText('parcel');
  await host.kill('SIGTERM');
  await host.start('--repo', harbour.path);
  await expect(panel.topBar).toContainText('harbour');
  await panel.topBar.getByTitle('Switch repository').click();
  await panel.page
    .getByRole('menu')
    .getByRole('menuitemcheckbox', { name: /parcel/ })
    .click();
  await expect(panel.topBar).toContainText('parcel');
  await panel.page.reload();
  await expect(panel.topBar).toContainText('parcel');
  parcel.dispose();
  harbour.dispose();
});

test('the demo merges its first task, then all eight, through a collision and a failed gate', async ({
  host,
  panel,
  page,
}) => {
  test.setTimeout(180_000);
  await panel.open(host);
  await panel.welcome.tryTheDemo.click();
  await test.step('the first merge', async () => {
    await expect(panel.lanes.filter('Merged')).toBeVisible({ timeout: 30_000 });
  });

  await test.step('the one request of the run is answered from the keyboard', async () => {
    const asking = panel.lanes.row('Write the change log');
    await expect(asking.getByRole('button', { name: /^Allow Y|^Allow$/ })).toBeVisible({ timeout: 120_000 });
    await expect(panel.heading).toContainText('1 lane waits for you.');
    const drawer = await panel.lanes.open('Write the change log');
    await page.keyboard.press('y');
    await expect(drawer.mark('Merged')).toBeVisible({ timeout: 60_000 });
  });

  await expect(panel.lanes.filter('Merged')).toHaveText(/ 8$/);
  await panel.lanes.unfold('Merged');
  const gates = await (await panel.lanes.open('Print a label with the carrier’s name')).tab('Gates');
  await expect(gates).toContainText('failed at Checks');

  const [demo] = await demoOf(host);
  expect(demo?.merged).toBe(8);
  expect(demo?.conflicts).toHaveLength(1);
});

/** What the lanes of the open projects went through. */
async function demoOf(host: Parameters<typeof FleetObserver.of>[0]) {
  const observer = await FleetObserver.watching(host);
  const lanes = [...observer.lanes.values.values()];
  const given = await Promise.all(
    lanes.map(async (lane) => ({ lane, gates: await observer.client.call('lane.gates', { laneId: lane.id }) })),
  );
  observer.close();
  return [
    {
      merged: lanes.filter((lane) => lane.status === 'merged').length,
      conflicts: given.filter(({ gates }) => gates.merges.some((merge) => merge.rejection?.kind === 'conflict')),
    },
  ];
}
