/** Services in the panel, over real containers: shipping, watching, going back, and why one failed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerFixture, expectOk, requireDocker } from '../../src-main/docker/docker.fixture.ts';
import { serviceLabel } from '../../src-main/ports/service-labels.ts';
import { watchMap } from '../../src-main/cli/watched-map.ts';
import { type ServiceSpecInput, serviceSpecSchema } from '../../src-shared/model/service-spec.ts';
import type { FleetObserver } from '../fixtures/fleet.ts';
import { expect, test as base } from '../fixtures/test.ts';
import { expectNoViolations } from '../pages/accessibility.ts';

const problem = await requireDocker();

/** Deploys to the project, and takes everything away again at the end. */
interface Dock {
  readonly images: DockerFixture;
  deploy(spec: ServiceSpecInput): Promise<void>;
}

const test = base.extend<{ dock: Dock }>({
  dock: async ({ host, fleet }, use) => {
    const images = await DockerFixture.open();
    const { client, project } = fleet;
    await use({
      images,
      async deploy(spec) {
        await client.call('service.deploy', { projectId: project.id, spec: serviceSpecSchema.parse(spec) });
      },
    });
    await removeServices(fleet);
    await removeNetworks(images, readFileSync(join(host.home, 'services', 'instance'), 'utf8').trim());
    await images.removeAll();
  },
});

async function removeServices({ client, project }: FleetObserver): Promise<void> {
  const services = await watchMap(client, 'service.watch', { projectId: project.id });
  for (const service of services.values.values()) await client.call('service.remove', { serviceId: service.id });
  await expect.poll(() => services.values.size, { timeout: 60_000 }).toBe(0);
  services.dispose();
}

/** Nothing but the stack's network may be left of the app's containers. */
async function removeNetworks({ engine }: DockerFixture, instance: string): Promise<void> {
  const ofApp = { [serviceLabel.instance]: instance };
  await expect
    .poll(async () => expectOk(await engine.listContainers(ofApp)).map(({ name }) => name), { timeout: 30_000 })
    .toEqual([]);
  for (const { name } of expectOk(await engine.listNetworks(ofApp))) expectOk(await engine.removeNetwork(name));
}

const web = (image: string, change: Partial<ServiceSpecInput> = {}): ServiceSpecInput => ({
  name: 'web' as ServiceSpecInput['name'],
  image: { kind: 'image', reference: image },
  mode: { kind: 'replicated', replicas: 2 },
  ports: [{ containerPort: 8080, publish: {} }],
  health: { probe: { kind: 'http', port: 8080, path: '/healthz' }, intervalMs: 500 },
  ...change,
});

test.describe('with a container engine', () => {
  test.skip(problem !== null, problem ?? '');
  test.setTimeout(240_000);

  test('a canary is watched and taken back with one click, and what served before answers on', async ({
    host,
    dock,
    panel,
    page,
  }) => {
    const [first, second] = [await dock.images.webImage('one'), await dock.images.webImage('two')];
    await panel.open(host);
    await panel.goTo('Services');
    await expect(panel.heading).toHaveText('No services yet.');
    await expect(panel.main).toContainText('gantry apply -f gantry.services.yaml');

    await dock.deploy(web(first));
    await expect(panel.heading).toHaveText('The only service answers.', { timeout: 60_000 });
    const drawer = await panel.services.open('web');
    await expect(panel.services.replicas('web')).toHaveCount(2);
    await expect(panel.services.replicas('web').first()).toContainText('healthy');
    const address = await drawer.getByRole('link', { name: /^http:/ }).getAttribute('href');
    const answer = async (): Promise<string> => (await fetch(address ?? '', { cache: 'no-store' })).text();
    expect(await answer()).toBe('one');

    const update = { strategy: 'canary' as const, canarySteps: [{ weightPercent: 50, holdMs: null }] };
    await dock.deploy(web(second, { update, env: { LOG: 'debug' } }));
    await expect(panel.heading).toHaveText('web takes 50 % of its traffic on revision 2.', { timeout: 60_000 });
    await expect(drawer.getByRole('heading', { name: 'Rollout to revision 2' })).toBeVisible();
    await expect(panel.services.node('web')).toContainText('canary');
    await expect(drawer.getByRole('meter', { name: 'Restarts' })).toHaveAttribute('aria-valuetext', '0 of 0');

    await drawer.getByRole('button', { name: 'Roll back to 1', exact: true }).click();
    const question = panel.dialog;
    await expect(question).toContainText('+1 env');
    await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await question.getByRole('button', { name: 'Roll back to 1' }).click();
    await expect(panel.heading).toHaveText('The only service answers.', { timeout: 60_000 });
    expect(new Set(await Promise.all(Array.from({ length: 10 }, answer)))).toEqual(new Set(['one']));
    await expect(page.getByRole('link', { name: /^Services/ })).toContainText('1');
  });

  test('a failed revision shows why, in its record and in the timeline', async ({ host, dock, panel, page }) => {
    const image = await dock.images.webImage('one');
    const broken = await dock.images.image({ changes: ['CMD ["/bin/sh","-c","echo no such queue; exit 3"]'] });
    await dock.deploy(web(image));
    await panel.open(host);
    await panel.goTo('Services');
    await expect(panel.heading).toHaveText('The only service answers.', { timeout: 60_000 });
    await dock.deploy(web(broken));
    await expect(panel.main).toContainText('web went back to revision 1 by itself', { timeout: 90_000 });

    const drawer = await panel.services.open('web');
    await expect(drawer).toContainText('rolled back by itself');
    const step = (label: string) => drawer.getByRole('listitem').filter({ hasText: label });
    await expect(step('Preflight and image').getByRole('img', { name: 'Done' })).toBeVisible();
    await expect(step('Replicas replaced').getByRole('img', { name: 'Failed' })).toBeVisible();
    await expect(step('Replicas replaced')).toContainText('exit code 3');
    await drawer.getByRole('button', { name: 'Log of revision 2' }).click();
    await expect(panel.dialog).toContainText('exit code 3');
    await expect(panel.dialog).toContainText('no such queue');
    await page.keyboard.press('Escape');

    await panel.goTo('Timeline');
    await page.getByRole('button', { name: 'Deploys 2' }).click();
    const deploy = panel.timeline.entry('Deploy web, revision 1 → 2');
    await expect(deploy).toContainText('2 replicas, rolling, failed');
    await deploy.hover();
    await deploy.getByRole('button', { name: 'Record of web, revision 2' }).click();
    await expect(panel.dialog).toContainText('no such queue');
  });

  test('graph and table say the same, by keyboard', async ({ host, dock, panel, page }) => {
    const image = await dock.images.webImage('one');
    await dock.deploy(web(image, { name: 'db' as ServiceSpecInput['name'], ports: [], health: null }));
    await dock.deploy(web(image, { dependsOn: ['db' as ServiceSpecInput['name']] }));
    await panel.open(host);
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await expect(panel.heading).toHaveText('All 2 services answer.', { timeout: 60_000 });
    await expect(panel.services.node('web')).toHaveAttribute('aria-pressed', 'true');
    await page.keyboard.press('j');
    await expect(panel.services.node('db')).toHaveAttribute('aria-pressed', 'true');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await expect(panel.services.panel('web')).toBeVisible();
    await panel.services.show('Table');
    await expect(panel.services.table.getByRole('row', { name: /^web/ })).toContainText('db');
    await page.keyboard.press('Escape');
    await expect(panel.services.panel('web')).toHaveCount(0);
    await page.reload();
    await expect(panel.services.table).toBeVisible();
  });
});

test.describe('without a container engine', () => {
  test.use({ hostEnvironment: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });

  test('the view says what is missing and what to do', async ({ host, fleet, panel, page }) => {
    expect(fleet.project.name).toBe('parcel');
    await panel.open(host);
    await panel.goTo('Services');
    await expect(panel.heading).toHaveText('Services need a container engine.');
    await expect(panel.main).toContainText('No engine answers at unix:///nowhere/docker.sock. Start it.');
    await expect(panel.main.getByText('No engine answers')).toHaveCount(1);
    await expect(panel.main).toContainText('as soon as one answers');
    await expectNoViolations(page, 'no engine');
  });
});
