/** What is done with services in dialogs, in a real browser and with real containers. */
import { createServer } from 'node:net';
import { engineProblem, expect, test } from '../fixtures/stack.ts';

test.skip(engineProblem !== null, engineProblem ?? '');
test.setTimeout(180_000);

let web: string;
let chat: string;

test.beforeAll(async ({ docker }) => {
  web = await docker.webImage('one');
  chat = await docker.image({
    files: {
      '/bin/chat':
        '#!/bin/sh\ntrap "exit 0" TERM\nseq 1 3000 | sed "s/^/line /"\ni=0\nwhile :; do i=$((i+1)); echo "tick $i"; echo "oops $i" >&2; sleep 0.2; done\n',
    },
    changes: ['CMD ["/bin/chat"]'],
  });
});

test('a service is written as a form and as text, refused in place, and deployed', async ({
  dialogs,
  panel,
  page,
  stack,
}) => {
  const { dialog } = dialogs;
  await panel.command('New service');
  await dialogs.writeService('web', web, '8080');
  await expect(dialogs.plan).toContainText('web new');

  await dialogs.tab('YAML').click();
  const text = dialogs.field('The service as YAML');
  const written = await text.inputValue();
  await text.fill(written.replace('name: web', 'name: web\nreplicaz: 2'));
  await expect(dialog.getByRole('alert')).toContainText('3:1');
  await expect(dialog.getByRole('alert')).toContainText('Did you mean "replicas"?');
  await expect(dialogs.button('Deploy service')).toHaveAttribute('aria-disabled', 'true');
  await text.fill(written.replace('name: web', 'name: web\nreplicas: 2'));
  await expect(dialog.getByRole('alert')).toBeHidden();
  await dialogs.tab('Form').click();
  await expect(dialogs.field('Replicas')).toHaveValue('2');

  await page.keyboard.press('Escape');
  await dialogs.button('Keep editing').click();
  await dialogs.button('Deploy service').click();
  await dialog.waitFor({ state: 'hidden' });
  await expect(panel.toast).toContainText('Revision 1 of web rolls out.');
  await stack.untilHealthy('web');
  expect(stack.find('web')?.wanted).toBe(2);

  await panel.command('Edit web');
  await expect(dialogs.button('Deploy revision 2')).toHaveAttribute('aria-disabled', 'true');
  await expect(dialog.getByRole('status')).toContainText('Nothing would change.');
});

test('a port that is taken stands against a deploy, with who has it', async ({ dialogs, panel }) => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    await panel.command('New service');
    await dialogs.writeService('web', web, '8080');
    await dialogs.field('Published').selectOption('chosen');
    await dialogs.field('Host port').fill(String(port));
    await expect(dialogs.plan).toContainText(`Port ${port}`);
    await expect(dialogs.plan).toContainText('is taken by');
    await expect(dialogs.button('Deploy service')).toHaveAttribute('aria-disabled', 'true');
    await expect(dialogs.dialog.getByRole('status')).toContainText(`Port ${port}`);
  } finally {
    server.close();
  }
  await dialogs.plan.getByRole('button', { name: 'Look again' }).click();
  await expect(dialogs.button('Deploy service')).not.toHaveAttribute('aria-disabled');
  await dialogs.leave();
});

test('a Compose file is imported with a secret set on the way; what is left out is named', async ({
  dialogs,
  panel,
  stack,
}) => {
  await panel.command('Import Compose');
  await dialogs
    .field('Text of the file')
    .fill(
      [
        'services:',
        '  web:',
        `    image: ${web}`,
        '    network_mode: host',
        '    ports: ["8080"]',
        '    secrets: [token]',
        'secrets:',
        '  token:',
        '    external: true',
        '',
      ].join('\n'),
    );
  await expect(dialogs.plan).toContainText('services.web.network_mode (line 4)');
  await expect(dialogs.button('Import')).toHaveAttribute('aria-disabled', 'true');
  await dialogs.field('Value of token').fill('hunter2');
  await dialogs.button('Set value').click();
  await dialogs.button('Import').click({ timeout: 30_000 });
  await dialogs.dialog.waitFor({ state: 'hidden' });
  await stack.untilHealthy('web');
  expect(stack.find('web')?.secrets).toEqual(['token']);

  await panel.command('Secrets and the master key');
  await expect(dialogs.dialog.getByRole('listitem', { name: 'token' })).toContainText('Used by web.');
  await dialogs.button('Set new version').click();
  await dialogs.field('Value of token').fill('hunter3');
  await dialogs.dialog.getByRole('listitem', { name: 'token' }).getByRole('button', { name: 'Set value' }).click();
  await dialogs.button('Roll out version 2').click();
  await stack.untilHealthy('web', 2);
  await expect(dialogs.dialog.getByRole('listitem', { name: 'token' })).toContainText('version 2 of today');
});

test('logs are followed, searched by the host, and hold still once they are scrolled', async ({
  dialogs,
  panel,
  stack,
}) => {
  await stack.deploy({ name: 'chat', image: { kind: 'image', reference: chat } });
  await panel.command('Logs of chat');
  await expect(dialogs.log).toContainText(/tick \d+/);
  const last = Number(/tick (\d+)(?!.*tick)/s.exec(await dialogs.log.innerText())?.[1]);
  await expect(dialogs.log).toContainText(`tick ${last + 3}`);

  await dialogs.log.evaluate((element) => element.scrollTo({ top: 0 }));
  await expect(dialogs.button('To the end')).toBeVisible();
  await expect(dialogs.log).toContainText('line 1');

  await dialogs.field('Search').fill('LINE 299');
  await expect(dialogs.dialog.getByRole('status')).toHaveText('11 lines');
  await dialogs.field('Search').fill('no such words');
  await expect(dialogs.log).toContainText('No line has “no such words”.');
  await dialogs.field('Search').fill('');
  await dialogs.field('Stream').selectOption('stderr');
  await expect(dialogs.log).toContainText(/! oops \d+/);
  await expect(dialogs.log).not.toContainText('tick');
});

test('a command is run in a terminal, which shows its colours and its exit code', async ({
  dialogs,
  panel,
  page,
  stack,
}) => {
  await stack.deploy({ name: 'web', image: { kind: 'image', reference: web }, ports: [{ containerPort: 8080 }] });
  await panel.command('Terminal in web');
  await expect(dialogs.dialog.getByRole('status')).toContainText('/bin/sh runs.');
  await page.keyboard.type('echo the-$((40+2)); printf "\\033[38;2;255;100;0mtrue\\033[0m-colour\\n"\n');
  await expect(dialogs.screen).toContainText('the-42');
  await expect(dialogs.screen.getByText('true', { exact: true })).toHaveCSS('color', 'rgb(255, 100, 0)');
  await page.keyboard.press('Escape');
  await expect(dialogs.dialog).toBeVisible();
  // What follows an Escape at once is a key with Alt to the shell.
  await expect(async () => {
    await page.keyboard.type('\necho again-$((40+3))\n');
    await expect(dialogs.screen).toContainText('again-43', { timeout: 1_000 });
  }).toPass();
  await page.keyboard.type('exit 3\n');
  await expect(dialogs.dialog.getByRole('status')).toContainText('The command ended with exit code 3.');
  await dialogs.button('Close terminal').click();
});

test('no request fails while a revision rolls out, and that is proved', async ({ dialogs, panel, stack }) => {
  const spec = {
    name: 'web',
    image: { kind: 'image', reference: web },
    mode: { kind: 'replicated', replicas: 2 },
    ports: [{ containerPort: 8080, publish: {} }],
    health: { probe: { kind: 'http', port: 8080, path: '/healthz' }, intervalMs: 500 },
    update: { monitorMs: 500 },
  };
  await stack.deploy(spec);
  await panel.command('Prove that web');
  await dialogs.field('Requests a second').fill('50');
  await dialogs.field('For').fill('2m');
  await dialogs.button('Start load').click();
  await expect(dialogs.dialog).toContainText(/0 of \d+ requests failed so far/);
  await stack.deploy({ ...spec, env: { CHANGED: 'yes' } }, 2);
  await expect(dialogs.dialog).toContainText(/0 of [\d,]+ requests failed while revision 2 roll/);
  await dialogs.button('Stop load').click();
  await expect(dialogs.button('Start load')).toBeVisible();
  const told = await dialogs.dialog.getByRole('heading', { name: /requests failed/ }).innerText();
  await stack.deploy({ ...spec, env: { CHANGED: 'after the load' } }, 3);
  await expect(dialogs.dialog.getByRole('heading', { name: /requests failed/ })).toHaveText(told);
});
