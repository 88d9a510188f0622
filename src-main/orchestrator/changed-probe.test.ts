// A revision may be checked otherwise, or listen elsewhere, than the one before: nobody is judged by the other's probe.
import { get } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HealthCheck, ServicePort } from '#shared/model/service-spec.ts';
import { requireDocker } from '../docker/docker.fixture.ts';
import { systemClock } from '../platform/clock.ts';
import { serviceLabel } from '../ports/service-labels.ts';
import { LoadClient, type LoadCounts } from './drive/load-client.ts';
import { Harbour } from './harbour.fixture.ts';

const problem = await requireDocker();

describe.skipIf(problem !== null)('a revision that is checked or reached otherwise', { timeout: 180_000 }, () => {
  let harbour: Harbour;
  let one: string;
  let two: string;
  let number = 0;
  let name: string;
  let client: LoadClient;

  /** A page, and a file that only this one's probe asks for. */
  const imageOf = (version: string, healthFile: string): Promise<string> =>
    harbour.docker.image({
      files: {
        '/www/index.html': version,
        [`/www/${healthFile}`]: 'ok',
        '/bin/serve': '#!/bin/sh\ntrap "exit 0" TERM\nhttpd -f -p "${PORT:-8080}" -h /www &\nwait\n',
      },
      changes: ['CMD ["/bin/serve"]'],
    });

  beforeAll(async () => {
    harbour = await Harbour.open();
    [one, two] = await Promise.all([imageOf('one', 'health1'), imageOf('two', 'health2')]);
  }, 60_000);
  afterAll(() => harbour.dispose(), 60_000);
  beforeEach(() => {
    number += 1;
    name = `web-${number}`;
  });
  afterEach(async () => {
    client.dispose();
    await harbour.orchestrator.services.remove(harbour.id(name));
    await harbour.until(`${name} is gone`, () => harbour.store.read.service(harbour.id(name)) === null);
  });

  const http = (path: string, port = 8_080): HealthCheck['probe'] => ({ kind: 'http', port, path });

  function specOf(image: string, probe: HealthCheck['probe'] | null, rest: object = {}) {
    return harbour.spec(name, image, {
      mode: { kind: 'replicated', replicas: 2 },
      health: probe === null ? null : { probe, intervalMs: 200, timeoutMs: 1_000, retries: 2 },
      ...rest,
    });
  }

  async function begin(spec: ReturnType<typeof specOf>): Promise<void> {
    expect((await harbour.rollOut(spec)).stage).toMatchObject({ outcome: 'succeeded' });
    client = new LoadClient({ url: harbour.url(name), requestsPerSecond: 100, forMs: 600_000, clock: systemClock });
    await pause(500);
  }

  async function reach(spec: ReturnType<typeof specOf>, answer: string): Promise<void> {
    expect((await harbour.rollOut(spec)).stage).toMatchObject({ outcome: 'succeeded' });
    expect(await ask()).toEqual([200, answer]);
  }

  async function goBack(): Promise<void> {
    await harbour.orchestrator.services.rollBack(harbour.id(name), 1);
    expect((await harbour.settled(harbour.id(name))).stage).toMatchObject({ outcome: 'succeeded' });
    expect(await ask()).toEqual([200, 'one']);
  }

  async function counts(): Promise<LoadCounts> {
    await pause(700);
    const over = new Promise<LoadCounts>((resolve) => client.onDidEnd(resolve));
    client.dispose();
    const ended = await over;
    expect(ended.sent).toBeGreaterThan(100);
    return ended;
  }

  it.each(['rolling', 'blue-green', 'canary'])(
    'by its path takes over and goes back without a loss (%s)',
    async (strategy) => {
      const update = { strategy, delayMs: 600, keepPreviousMs: 0, canarySteps: [{ weightPercent: 50, holdMs: 1_500 }] };
      await begin(specOf(one, http('/health1')));
      await reach(specOf(two, http('/health2'), { update, rollback: update }), 'two');
      await goBack();
      expect(await counts()).toMatchObject({ failed: 0, failures: [] });
    },
  );

  it.each([
    ['no probe', null, http('/health2')],
    ['another kind', http('/health1'), { kind: 'tcp', port: 8_080 } as const],
  ])('by %s before takes over and goes back without a loss', async (_, before, after) => {
    const update = { delayMs: 600 };
    await begin(specOf(one, before));
    await reach(specOf(two, after, { update, rollback: update }), 'two');
    await goBack();
    expect(await counts()).toMatchObject({ failed: 0, failures: [] });
  });

  it('is proven although nothing else changed, and goes back when its probe never passes', async () => {
    await begin(specOf(one, http('/health1')));
    const before = new Set(harbour.view(name).replicas.map(({ containerId }) => containerId));
    const wrong = specOf(one, http('/not-there'), { update: { healthDeadlineMs: 2_000 } });
    const { serviceId } = await harbour.deploy(wrong);
    const back = await harbour.settled(serviceId);
    expect(back).toMatchObject({ kind: 'auto-rollback', toRevision: 1, stage: { outcome: 'succeeded' } });
    expect(harbour.store.read.revision(serviceId, 2)?.state).toBe('failed');
    expect(harbour.view(name).replicas.filter(({ containerId }) => before.has(containerId))).toHaveLength(2);
    expect(await counts()).toMatchObject({ failed: 0, failures: [] });
  });

  it('goes on when app and edge are started anew in the middle', async () => {
    await begin(specOf(one, http('/health1')));
    const update = { strategy: 'canary' as const, canarySteps: [{ weightPercent: 50, holdMs: null }] };
    const { serviceId } = await harbour.deploy(specOf(two, http('/health2'), { update }));
    const stageOf = () => harbour.view(name).rollout?.rollout.stage;
    await harbour.until('the canary has traffic', () => stageOf()?.name === 'shifting');
    await pause(1_000);
    expect(await counts()).toMatchObject({ failed: 0, failures: [] });
    await harbour.restart();
    const [edge] = await edges(serviceId);
    expect(edge).toBeDefined();
    await harbour.docker.engine.restartContainer(edge ?? '', 0);
    await harbour.until('it answers again', async () => (await ask())[0] === 200);
    client = new LoadClient({ url: harbour.url(name), requestsPerSecond: 100, forMs: 600_000, clock: systemClock });
    const rollout = harbour.store.read.rollouts(serviceId)[0];
    if (rollout === undefined) throw new Error('there is no rollout');
    await harbour.until('all four are healthy again', () => {
      const healthy = harbour.view(name).replicas.filter(({ state }) => state === 'healthy' || state === 'draining');
      return healthy.length === 3;
    });
    await pause(1_500);
    await harbour.orchestrator.services.promote(rollout.id);
    expect((await harbour.settled(serviceId)).stage).toMatchObject({ outcome: 'succeeded' });
    expect(await counts()).toMatchObject({ failed: 0, failures: [] });
  });

  it.each(['rolling', 'blue-green'])('by its port takes over and goes back without a loss (%s)', async (strategy) => {
    const update = { strategy, delayMs: 600 };
    const ports = (containerPort: number): Partial<ServicePort>[] => [{ containerPort, publish: {} as never }];
    const at = (image: string, port: number, path: string) =>
      specOf(image, http(path, port), { ports: ports(port), env: { PORT: String(port) }, update, rollback: update });
    await begin(at(one, 8_080, '/health1'));
    const url = harbour.url(name);
    await reach(at(two, 9_090, '/health2'), 'two');
    expect(harbour.url(name)).toBe(url);
    await goBack();
    expect(harbour.url(name)).toBe(url);
    expect(await counts()).toMatchObject({ failed: 0, failures: [] });
  });

  it('by its port and path goes on answering at the routes of its stack', async () => {
    const at = (image: string, port: number, path: string) =>
      specOf(image, http(path, port), {
        ports: [{ containerPort: port }],
        routes: [{ containerPort: port }],
        env: { PORT: String(port) },
        update: { delayMs: 600 },
        rollback: { delayMs: 600 },
      });
    expect((await harbour.rollOut(at(one, 8_080, '/health1'))).stage).toMatchObject({ outcome: 'succeeded' });
    const urlOf = () => harbour.view(name).routes[0]?.url ?? '';
    await harbour.until('its route answers', async () => (await ask(urlOf()))[1] === 'one');
    client = new LoadClient({ url: urlOf(), requestsPerSecond: 100, forMs: 600_000, clock: systemClock });
    await pause(500);
    expect((await harbour.rollOut(at(two, 9_090, '/health2'))).stage).toMatchObject({ outcome: 'succeeded' });
    await harbour.until('its route leads to the new one', async () => (await ask(urlOf()))[1] === 'two');
    await harbour.orchestrator.services.rollBack(harbour.id(name), 1);
    expect((await harbour.settled(harbour.id(name))).stage).toMatchObject({ outcome: 'succeeded' });
    await harbour.until('its route leads back', async () => (await ask(urlOf()))[1] === 'one');
    await pause(1_000);
    expect(await counts()).toMatchObject({ failed: 0, failures: [] });
  });

  async function edges(serviceId: string): Promise<string[]> {
    const listed = await harbour.docker.engine.listContainers({
      [serviceLabel.service]: serviceId,
      [serviceLabel.role]: 'edge',
    });
    if (!listed.ok) throw new Error(listed.error.message);
    return listed.value.map(({ id }) => id);
  }

  /** Over a connection of its own: one that is kept may end what it began with. */
  function ask(url = harbour.url(name)): Promise<[status: number, text: string]> {
    return new Promise((resolve) => {
      const asked = get(url, { agent: false }, async (response) => {
        let text = '';
        for await (const part of response) text += String(part);
        resolve([response.statusCode ?? 0, text]);
      });
      asked.once('error', () => resolve([0, '']));
    });
  }
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
