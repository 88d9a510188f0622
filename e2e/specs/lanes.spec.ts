/** Live lanes: watched, talked to, answered, paused, stopped, sent back by a gate. */
import { demoTask, forLong, writes } from '../fixtures/demo-task.ts';
import { processesOf } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';

test('lanes are spawned, and a live one shows its story, log, diff and gates as they come', async ({
  host,
  repository,
  fleet,
  panel,
}) => {
  await fleet.client.call('project.configure', {
    projectId: fleet.project.id,
    gates: [{ name: 'Files', command: 'test -f work/t1.txt && echo all there' }],
  });
  await fleet.add([
    demoTask('t1', 'Write the first file', [
      { plan: ['Write it', 'Wait for a word'] },
      { say: 'I write the first file.' },
      writes('t1', 'first line\n'),
      { run: 'echo to the terminal; false; echo still' },
      { ask: { title: 'Wants to go on' } },
    ]),
  ]);
  await panel.open(host);
  await expect(panel.heading).toHaveText('No lanes yet.');
  await panel.spawn('Demo agent', 1);

  await expect(panel.lanes.mark('Write the first file', 'Needs input')).toBeVisible();
  const drawer = await panel.lanes.open('Write the first file');
  await expect(drawer.events).toContainText('I write the first file.');
  await expect(drawer.events).toContainText('work/t1.txt');
  await expect(drawer.events).toContainText('echo to the terminal; false; echo still');
  const diff = await drawer.tab('Diff');
  await expect(diff).toContainText('work/t1.txt');
  await expect(diff.getByRole('row').filter({ hasText: 'first line' })).toBeVisible();
  await expect(await drawer.tab('Gates')).toContainText(
    'These run on the merge of lane 1 with main once its work is done',
  );

  await drawer.tab('Events');
  await drawer.button('Allow Y').click();
  await expect(drawer.mark('Merged')).toBeVisible();
  const gates = await drawer.tab('Gates');
  await expect(gates).toContainText('which has landed');
  await expect(gates).toContainText('exit 0');
  await expect((await drawer.tab('Events')).getByText('I write the first file.')).toHaveCount(1);
  expect(repository.show('main', 'work/t1.txt')).toBe('first line');
  expect(repository.git('status', '--porcelain')).toBe('');
});

test('a lane is talked to, paused, resumed and interrupted; another is stopped with all its processes', async ({
  host,
  fleet,
  panel,
  page,
}) => {
  const talks = 'Take a long time';
  const runs = 'Run a server';
  const server = 'sleep 4711';
  await fleet.add([
    demoTask('t1', talks, [{ say: 'I begin.' }, forLong]),
    demoTask('t2', runs, [writes('t2'), { run: { command: `setsid ${server} & ${server}`, mayFail: true } }]),
  ]);
  await fleet.keepBusy('demo', 2);
  await panel.open(host);
  const drawer = await panel.lanes.open(talks);
  await expect(drawer.events).toContainText('I begin.');

  await test.step('paused and resumed', async () => {
    await drawer.button('Pause').click();
    await expect(panel.lanes.mark(talks, 'Paused')).toBeVisible();
    await expect(drawer.events).toContainText('Paused by you');
    await page.keyboard.press('p');
    await expect(panel.lanes.mark(talks, 'Running')).toBeVisible();
    await expect(drawer.events).toContainText('Resumed by you');
  });

  await test.step('interrupted, then told to go on', async () => {
    await drawer.button('Interrupt').click();
    await expect(drawer.events).toContainText('Interrupted. Write to me and I go on.');
    await drawer.say('Go on with what is left.');
    await expect(drawer.events).toContainText('Understood: Go on with what is left.');
  });

  await test.step('stopped: its task is open again, its tree is gone, also what left its session', async () => {
    const servers = () => processesOf(host.home).filter((each) => each.command.startsWith(server)).length;
    await expect.poll(servers).toBe(2);
    const stopped = await panel.lanes.open(runs);
    await stopped.button('Stop').click();
    await expect(panel.toast).toContainText(/Lane \d is stopped\. Its work is saved, its task is open again\./);
    await expect(stopped.mark('Stopped')).toBeVisible();
    await expect.poll(servers).toBe(0);
    await fleet.until(() => fleet.task('t2').status.state === 'open', 'its task is open again');
  });
});

test('requests are allowed with the mouse, denied with N, and allowed for the rest of a lane', async ({
  host,
  repository,
  fleet,
  panel,
  page,
}) => {
  const asks = (key: string, times = 1) => [
    writes(key),
    ...Array.from({ length: times }, (_, at) => ({
      ask: { title: `Wants to touch ${key}`, command: `echo ${at} >> asked-${key}.txt` },
    })),
  ];
  await fleet.add([
    demoTask('once', 'Ask once', asks('once')),
    demoTask('never', 'Ask in vain', asks('never')),
    demoTask('often', 'Ask often', asks('often', 3)),
  ]);
  await fleet.keepBusy('demo', 3);
  await panel.open(host);
  await expect(panel.heading).toHaveText(/^3 lanes wait for you\./);

  await panel.lanes.row('Ask once').getByRole('button', { name: 'Allow Y', exact: true }).click();
  await panel.lanes.row('Ask often').getByRole('button', { name: 'Allow for lane' }).click();
  await panel.lanes.open('Ask in vain');
  await page.keyboard.press('n');
  await fleet.until(() => fleet.allMerged(), 'all merged');
  expect(repository.show('main', 'asked-once.txt')).toBe('0');
  expect(repository.show('main', 'asked-often.txt')).toBe('0\n1\n2');
  expect(repository.git('ls-tree', '--name-only', 'main')).not.toContain('asked-never.txt');
  const drawer = panel.lanes.drawer;
  await expect(drawer.events).toContainText('denied');
  await expect(drawer.events).toContainText('I leave that out.');
});

test('a failed gate goes back to the agent; what it cannot repair waits for Retry', async ({
  host,
  repository,
  fleet,
  panel,
}) => {
  await fleet.client.call('project.configure', {
    projectId: fleet.project.id,
    gates: [{ name: 'Content', command: 'echo looking; ! grep -rn wrong work' }],
    reworksMax: 1,
  });
  await fleet.add([
    demoTask('mends', 'Mend at second sight', [writes('mends', 'wrong\n')], { rework: [writes('mends', 'right\n')] }),
    demoTask('stuck', 'Stay wrong', [writes('stuck', 'wrong\n')]),
  ]);
  await fleet.keepBusy('demo', 2);
  await panel.open(host);

  await expect(panel.lanes.filter('Merged')).toBeVisible({ timeout: 30_000 });
  await panel.lanes.unfold('Merged');
  let gates = await (await panel.lanes.open('Mend at second sight')).tab('Gates');
  await expect(gates).toContainText('Earlier runs:');
  await expect(gates).toContainText('failed at Content');

  await expect(panel.lanes.mark('Stay wrong', 'Failed')).toBeVisible({ timeout: 30_000 });
  const drawer = await panel.lanes.open('Stay wrong');
  gates = await drawer.tab('Gates');
  await expect(gates).toContainText('exit 1');
  await expect(gates).toContainText('work/stuck.txt:1:wrong');
  expect(repository.git('ls-tree', '-r', '--name-only', 'main').split('\n')).not.toContain('work/stuck.txt');

  await fleet.client.call('project.configure', { projectId: fleet.project.id, gates: [] });
  await drawer.button('Retry').click();
  await expect(panel.lanes.mark('Stay wrong', 'Merged')).toBeVisible({ timeout: 30_000 });
  expect(repository.show('main', 'work/stuck.txt')).toBe('wrong');
});

test('while the checkout has changes of its own, merges land beside the target and are brought in later', async ({
  host,
  repository,
  fleet,
  panel,
}) => {
  repository.write('README.md', '# Mine\n');
  await fleet.add([demoTask('t1', 'Land beside', [writes('t1')])]);
  await fleet.keepBusy('demo', 1);
  await panel.open(host);
  await expect(panel.main).toContainText('gantry/main is 1 merge ahead of main.');
  await expect(panel.main).toContainText('has 1 uncommitted change (README.md)');
  const bringIn = panel.main.getByRole('button', { name: 'Bring in' });
  await expect(bringIn).toHaveAttribute('aria-disabled', 'true');
  expect(repository.subjects('main')).toEqual(['Start']);
  expect(repository.git('diff', '--stat')).toContain('README.md');

  repository.git('commit', '-qam', 'My own words');
  await expect(bringIn).not.toHaveAttribute('aria-disabled', 'true');
  await bringIn.click();
  await expect(bringIn).toHaveCount(0);
  expect(repository.show('main', 'work/t1.txt')).toBe('t1');
  expect(repository.show('main', 'README.md')).toBe('# Mine');
  expect(repository.git('status', '--porcelain')).toBe('');
  expect(repository.git('branch', '--list', 'gantry/main')).toBe('');
});

test('whatever an agent prints is shown as text', async ({ host, fleet, panel, page }) => {
  const hostile = [
    `printf '%0200000d\\n' 7`,
    String.raw`printf '\033[31mred\033[0m \033]0;owned\007\033[2J\033[8mhidden\033[0m\n'`,
    String.raw`printf '<img src=x onerror="document.title=1"><script>document.title=2</script><b>bold</b>\n'`,
    String.raw`printf '\342\200\256desrever\342\200\254 \342\201\246isolated\n'`,
    String.raw`printf '[link](javascript:alert(1)) http://127.0.0.1:9/x\n'`,
    String.raw`printf '\377\376not utf-8\n'`,
    'sleep 600',
  ].join('; ');
  await fleet.add([demoTask('t1', 'Print <i>what</i> comes & goes', [])]);
  await fleet.keepBusy(`command:${hostile}`, 1);
  await panel.open(host);
  const title = 'Print <i>what</i> comes & goes';
  const drawer = await panel.lanes.open(title);
  for (const tab of ['Events', 'Log'] as const) {
    const content = await drawer.tab(tab);
    await expect(content).toContainText('<script>document.title=2</script><b>bold</b>');
    await expect(content).toContainText('red');
    await expect(content).not.toContainText('\u001b');
    expect(await content.locator('img, b:has-text("bold"), a, script').count()).toBe(0);
  }
  await expect(page).toHaveTitle('Gantry');
  const { width } = (await drawer.root.boundingBox()) ?? { width: 0 };
  expect(width).toBeLessThan(1_000);
});

test('lanes are walked, opened, filtered and found from the keyboard', async ({ host, fleet, panel, page }) => {
  await fleet.add([
    demoTask('t1', 'Read the manual', [forLong]),
    demoTask('t2', 'Paint the hull', [{ ask: { title: 'Which colour?' } }]),
    demoTask('t3', 'Give up', [{ fail: 'The paint is dry.' }]),
  ]);
  await fleet.client.call('project.configure', { projectId: fleet.project.id, attemptsMax: 1 });
  await fleet.keepBusy('demo', 3);
  await panel.open(host);
  const { lanes } = panel;
  await expect(lanes.mark('Give up', 'Failed')).toBeVisible();
  await expect(lanes.mark('Paint the hull', 'Needs input')).toBeVisible();
  await page.mouse.move(20, 500);

  await page.keyboard.press('j');
  await expect(lanes.row('Paint the hull')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('j');
  await expect(lanes.row('Give up')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await expect(lanes.drawer.root.getByRole('heading', { name: 'Paint the hull' })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(panel.heading).toHaveText('Paint the hull');
  await page.keyboard.press('Escape');
  await expect(lanes.grid).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(lanes.drawer.root).toHaveCount(0);

  await lanes.filter('Failed').click();
  await expect(lanes.row('Give up')).toBeVisible();
  await expect(lanes.row('Paint the hull')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(lanes.row('Paint the hull')).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('manual');
  await expect(lanes.row('Read the manual')).toBeVisible();
  await expect(lanes.row('Give up')).toHaveCount(0);
  await page.keyboard.press('Escape');

  await panel.command('manual');
  await expect(lanes.drawer.root.getByRole('heading', { name: 'Read the manual' })).toBeVisible();
});
