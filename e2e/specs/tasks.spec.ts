/** Tasks written, changed, cancelled and opened again; plans loaded, also wrong ones. */
import { stringify } from 'yaml';
import { demoTask, forLong, writes } from '../fixtures/demo-task.ts';
import { expect, test } from '../fixtures/test.ts';

test.beforeEach(async ({ host, fleet, panel }) => {
  expect(fleet.project.available).toBe(true);
  await panel.open(host);
  await panel.goTo('Tasks');
});

test('a task is added, refused where it is wrong, changed, cancelled and opened again', async ({
  fleet,
  panel,
  page,
}) => {
  const { tasks } = panel;
  await expect(panel.heading).toHaveText('No tasks yet.');
  await tasks.add({ Title: 'Rename the flag', Prompt: 'Rename --fast to --quick.', Phase: 'First' });
  await expect(tasks.mark('Rename the flag', 'Ready')).toBeVisible();
  expect(fleet.task('T-1')).toMatchObject({ title: 'Rename the flag', phase: 'First', priority: 3 });

  await test.step('one that depends on nothing known is refused in place', async () => {
    await tasks.add({ Title: 'Tell the users', Prompt: 'Write to them.', 'Depends on': 'T-9' });
    await expect(tasks.dialog.getByRole('alert').first()).toContainText('T-9');
    await tasks.field('Depends on').fill('T-1');
    await tasks.press('Add task');
    await expect(tasks.card('Tell the users')).toContainText('T-1');
    expect(fleet.task('T-2').shown).toBe('blocked');
  });

  await test.step('its words are changed', async () => {
    await tasks.open('Rename the flag');
    await tasks.field('Title').fill('Rename the <i>flag</i>');
    await tasks.field('Priority').selectOption('1');
    await tasks.press('Save');
    await expect(tasks.card('Rename the <i>flag</i>')).toBeVisible();
    expect(fleet.task('T-1')).toMatchObject({ title: 'Rename the <i>flag</i>', priority: 1 });
  });

  await test.step('cancelled, and opened again', async () => {
    await tasks.open('Tell the users');
    await tasks.press('Cancel task');
    await expect(panel.toast).toContainText('T-2 is cancelled.');
    await fleet.until(() => fleet.task('T-2').shown === 'cancelled', 'cancelled');
    await panel.toast.getByRole('button', { name: 'Undo' }).click();
    await fleet.until(() => fleet.task('T-2').shown === 'blocked', 'open again');
    await expect(tasks.card('Tell the users')).toBeVisible();
  });

  await page.keyboard.press('v');
  await expect(page.getByRole('grid', { name: 'Tasks' }).getByRole('row')).toHaveCount(3);
});

test('tasks written in the panel are worked off by agents spawned from it', async ({ fleet, panel, repository }) => {
  const { tasks } = panel;
  await tasks.add({ Title: 'Write one', Prompt: demoTask('x', 'x', [writes('one')]).prompt });
  await tasks.add({ Title: 'Write two', Prompt: demoTask('x', 'x', [writes('two')]).prompt, 'Depends on': 'T-1' });
  await panel.spawn('Demo agent', 1);
  await expect(panel.heading).toHaveText('All 2 tasks are merged.', { timeout: 40_000 });
  expect(fleet.allMerged()).toBe(true);
  expect(repository.show('main', 'work/two.txt')).toBe('two');
});

test('a failed task waits for a person; one at work asks before it is cancelled', async ({ fleet, panel }) => {
  const { tasks } = panel;
  await fleet.client.call('project.configure', { projectId: fleet.project.id, attemptsMax: 1 });
  await fleet.add([
    demoTask('bad', 'Cannot be done', [{ fail: 'The <b>key</b> is missing.' }]),
    demoTask('long', 'Takes for ever', [writes('long'), forLong]),
  ]);
  await fleet.keepBusy('demo', 2);
  await expect(tasks.mark('Cannot be done', 'Failed')).toBeVisible();
  await expect(tasks.card('Cannot be done')).toContainText('The <b>key</b> is missing.');
  await expect(panel.heading).toHaveText('bad failed and waits for you.');
  const attempts = fleet.task('bad').attempts;
  await tasks.open('Cannot be done');
  await tasks.press('Open again');
  await fleet.until(() => fleet.task('bad').attempts > attempts || fleet.task('bad').shown !== 'failed', 'tried again');

  await tasks.open('Takes for ever');
  await tasks.press('Cancel task');
  await expect(tasks.dialog).toContainText('works on it and is stopped. Its work is saved as a ref');
  await tasks.press('Keep it');
  expect(fleet.task('long').shown).toBe('running');
  await tasks.open('Takes for ever');
  await tasks.press('Cancel task');
  await tasks.press('Cancel long');
  await fleet.until(
    () =>
      fleet.task('long').shown === 'cancelled' &&
      [...fleet.lanes.values.values()].some((lane) => lane.taskKey === 'long' && lane.status === 'stopped'),
    'it is cancelled and its lane is stopped',
  );
});

test('a plan with mistakes shows each by line and column; a good one is loaded once', async ({
  fleet,
  panel,
  page,
}) => {
  const { tasks } = panel;
  const good = [
    { id: 'A-1', title: 'First', prompt: 'Do it.', phase: 'One' },
    { id: 'A-2', title: 'Second', prompt: 'Then this.', dependsOn: ['A-1'], priority: 2, phase: 'Two' },
  ];
  const load = async (text: string) => {
    await tasks.field('plan.yaml').fill(text);
    await tasks.press('Load plan');
  };
  await panel.main.press('l');
  const problems = tasks.dialog.getByRole('alert');
  for (const [text, place, says] of [
    ['tasks:\n  - id: a\n   title: [\n', '3:', 'This is not valid YAML'],
    [stringify({ tasks: [{ ...good[0], prio: 1 }] }), '6:5', 'Unknown key "prio". Expected one of'],
    [
      stringify({ tasks: [good[0], good[0]] }, { aliasDuplicateObjects: false }),
      '6:9',
      'The id "A-1" is used twice, first in line 2.',
    ],
    [stringify({ tasks: [good[1]] }), '6:9', '"A-2" depends on "A-1", which is not in the plan.'],
    [stringify({ tasks: [{ ...good[0], dependsOn: ['A-2'] }, good[1]] }), ':', 'These tasks wait for each other'],
  ] as const) {
    await load(text);
    await expect(problems).toContainText(says);
    await expect(problems).toContainText('Nothing was changed.');
    await expect(problems.getByRole('button').first()).toContainText(place);
    expect(fleet.tasks.values.size).toBe(0);
  }
  await problems.getByRole('button').first().click();
  await expect(tasks.field('plan.yaml')).toBeFocused();

  await load(stringify({ tasks: good }));
  await expect(panel.toast).toContainText('2 tasks added.');
  await expect(tasks.card('First')).toBeVisible();
  await expect(page.getByRole('region', { name: /Two/ }).getByRole('article')).toContainText('A-2');

  await panel.main.press('l');
  await tasks.dialog.getByLabel('Plan file').setInputFiles({
    name: 'more.yaml',
    mimeType: 'text/yaml',
    buffer: Buffer.from(stringify({ tasks: [...good, { id: 'A-3', title: 'Third', prompt: 'Last.' }] })),
  });
  await expect(tasks.field('more.yaml')).toHaveValue(/A-3/);
  await tasks.press('Load plan');
  await expect(panel.toast).toContainText('1 task added. 2 were there already.');
});
