/** What is done with services in dialogs, in a real browser and with real containers. */
import { createServer } from 'node:net';
import { DockerFixture, requireDocker } from '../../src-main/docker/docker.fixture.ts';
import { watchMap, type WatchedMap } from '../../src-main/cli/watched-map.ts';
import type { ServiceView } from '../../src-shared/contract/service-views.ts';
import { serviceSpecSchema } from '../../src-shared/model/service-spec.ts';
import type { FleetObserver } from '../fixtures/fleet.ts';
import { expect, test } from '../fixtures/test.ts';
import { expectNoViolations } from '../pages/accessibility.ts';
import { ServiceDialogs } from '../pages/service-dialogs.ts';

const problem = await requireDocker();
test.skip(problem !== null, problem ?? '');
test.setTimeout(180_000);

let docker: DockerFixture;
let web: string;
let chat: string;

test.beforeAll(async () => {
  docker = await DockerFixture.open();
  web = await docker.webImage('one');
  chat = await docker.image({
    files: {
      '/bin/chat':
        '#!/bin/sh\ntrap "exit 0" TERM\nseq 1 3000 | sed "s/^/line /"\ni=0\nwhile :; do i=$((i+1)); echo "tick $i"; echo "oops $i" >&2; sleep 0.2; done\n',
    },
    changes: ['CMD ["/bin/chat"]'],
  });
});

test.afterAll(async () => {
  await docker?.removeAll();
});

/** The services as the host shows them. */
class Stack {
  readonly fleet: FleetObserver;
  readonly map: WatchedMap<ServiceView>;

  private constructor(fleet: FleetObserver, map: WatchedMap<ServiceView>) {
    this.fleet = fleet;
    this.map = map;
  }

  static async of(fleet: FleetObserver): Promise<Stack> {
    return new Stack(fleet, await watchMap(fleet.client, 'service.watch', { projectId: fleet.project.id }));
  }

  find(name: string): ServiceView | undefined {
    return [...this.map.values.values()].find((service) => service.name === name);
  }

  async untilHealthy(name: string, revision = 1): Promise<void> {
    await this.fleet.until(
      () => this.find(name)?.status === 'healthy' && this.find(name)?.servingRevision === revision,
      `${name} is healthy on revision ${revision}`,
    );
  }

  /** Deploys without the panel, and answers once it serves. */
  async deploy(spec: { readonly name: string; readonly [field: string]: unknown }, revision = 1): Promise<void> {
    await this.fleet.client.call('service.deploy', {
      projectId: this.fleet.project.id,
      spec: serviceSpecSchema.parse(spec),
    });
    await this.untilHealthy(spec.name, revision);
  }

  /** Takes all services away with what they run. */
  async removeAll(): Promise<void> {
    for (const { id } of this.map.values.values()) await this.fleet.client.call('service.remove', { serviceId: id });
    await this.fleet.until(() => this.map.values.size === 0, 'all services are gone');
    this.map.dispose();
  }
}

const withStack = test.extend<{ stack: Stack; dialogs: ServiceDialogs }>({
  stack: async ({ fleet }, use) => {
    const stack = await Stack.of(fleet);
    await use(stack);
    await stack.removeAll();
  },
  dialogs: async ({ page, panel, host, stack }, use) => {
    expect(stack.fleet.project.available).toBe(true);
    await panel.open(host);
    await page
      .getByRole('navigation', { name: 'Views' })
      .getByRole('link', { name: /^Services/ })
      .click();
    await page.getByRole('main', { name: 'Services' }).waitFor();
    await use(new ServiceDialogs(page));
  },
});

withStack(
  'a service is written as a form and as text, refused in place, and deployed',
  async ({ dialogs, panel, page, stack }) => {
    const { dialog } = dialogs;
    await panel.command('New service');
    await dialogs.writeService('web', web, '8080');
    await expect(dialogs.plan).toContainText('web new');
    await expectNoViolations(page, 'the deploy form');

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
  },
);

withStack('a port that is taken stands against a deploy, with who has it', async ({ dialogs, panel }) => {
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

withStack(
  'a Compose file is imported with a secret set on the way; what is left out is named',
  async ({ dialogs, panel, page, stack }) => {
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
    await expectNoViolations(page, 'the import');
    await dialogs.field('Value of token').fill('hunter2');
    await dialogs.button('Set value').click();
    await dialogs.button('Import').click({ timeout: 30_000 });
    await dialogs.dialog.waitFor({ state: 'hidden' });
    await stack.untilHealthy('web');
    expect(stack.find('web')?.secrets).toEqual(['token']);

    await panel.command('Secrets and the master key');
    await expect(dialogs.dialog.getByRole('listitem', { name: 'token' })).toContainText('Used by web.');
    await expectNoViolations(page, 'the secrets');
    await dialogs.button('Set new version').click();
    await dialogs.field('Value of token').fill('hunter3');
    await dialogs.dialog.getByRole('listitem', { name: 'token' }).getByRole('button', { name: 'Set value' }).click();
    await dialogs.button('Roll out version 2').click();
    await stack.untilHealthy('web', 2);
    await expect(dialogs.dialog.getByRole('listitem', { name: 'token' })).toContainText('version 2 of today');
  },
);

withStack(
  'logs are followed, searched by the host, and hold still once they are scrolled',
  async ({ dialogs, panel, page, stack }) => {
    await stack.deploy({ name: 'chat', image: { kind: 'image', reference: chat } });
    await panel.command('Logs of chat');
    await expect(dialogs.log).toContainText(/tick \d+/);
    const last = Number(/tick (\d+)(?!.*tick)/s.exec(await dialogs.log.innerText())?.[1]);
    await expect(dialogs.log).toContainText(`tick ${last + 3}`);
    await expectNoViolations(page, 'the log');

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
  },
);

withStack(
  'a command is run in a terminal, which shows its colours and its exit code',
  async ({ dialogs, panel, page, stack }) => {
    await stack.deploy({ name: 'web', image: { kind: 'image', reference: web }, ports: [{ containerPort: 8080 }] });
    await panel.command('Terminal in web');
    await expect(dialogs.dialog.getByRole('status')).toContainText('/bin/sh runs.');
    await page.keyboard.type('echo the-$((40+2)); printf "\\033[38;2;255;100;0mtrue\\033[0m-colour\\n"\n');
    await expect(dialogs.screen).toContainText('the-42');
    await expect(dialogs.screen.getByText('true', { exact: true })).toHaveCSS('color', 'rgb(255, 100, 0)');
    await page.keyboard.press('Escape');
    await expect(dialogs.dialog).toBeVisible();
    await expectNoViolations(page, 'the terminal');
    await page.keyboard.press('Enter');
    await page.keyboard.type('exit 3\n');
    await expect(dialogs.dialog.getByRole('status')).toContainText('The command ended with exit code 3.');
    await dialogs.button('Close terminal').click();
  },
);

withStack(
  'no request fails while a revision rolls out, and that is proved',
  async ({ dialogs, panel, page, stack }) => {
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
    await expectNoViolations(page, 'the proof');
    await stack.deploy({ ...spec, env: { CHANGED: 'yes' } }, 2);
    await expect(dialogs.dialog).toContainText(/0 of [\d,]+ requests failed while revision 2 roll/);
    await dialogs.button('Stop load').click();
    await expect(dialogs.button('Start load')).toBeVisible();
  },
);

withStack(
  'a prune says exactly what goes, and takes nothing that is in use',
  async ({ dialogs, panel, page, stack }) => {
    await stack.deploy({ name: 'web', image: { kind: 'image', reference: web } });
    await panel.command('Images and what a prune');
    await expect(dialogs.dialog.getByRole('table', { name: 'Images' })).toContainText('web (revision 1; 1 container)');
    await dialogs.button('Prune…').click();
    const preview = dialogs.dialog.getByRole('region', { name: 'What a prune removes' });
    await expect(preview.getByRole('heading')).toHaveText(/freed\.$|^There is nothing to remove\.$/);
    await expect(preview).not.toContainText(web);
    await expectNoViolations(page, 'the prune');
    // Carried out it is elsewhere: this engine is shared with whoever else works on it.
    await preview.getByRole('button', { name: 'Cancel' }).click();
  },
);
