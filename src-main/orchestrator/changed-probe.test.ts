// A revision may be checked otherwise, or listen elsewhere, than the one before: nobody is judged by the other's probe.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HealthCheck, ServicePort, ServiceSpec, ServiceSpecInput } from '#shared/model/service-spec.ts';
import { expectOk, requireDocker } from '../docker/docker.fixture.ts';
import { serviceLabel } from '../ports/service-labels.ts';
import { Harbour } from './harbour.fixture.ts';
import { ask, LoadedService } from './loaded-service.fixture.ts';

const problem = await requireDocker();
/** Both revisions are behind the edge for longer than a wrong probe needs to take one out. */
const delayMs = 400;
const checks = { intervalMs: 100, timeoutMs: 1_000, retries: 2 } as const;

describe.skipIf(problem !== null)('a revision that is checked or reached otherwise', { timeout: 180_000 }, () => {
  let harbour: Harbour;
  let one: string;
  let two: string;

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

  const http = (path: string, port = 8_080): HealthCheck['probe'] => ({ kind: 'http', port, path });

  type Probed = (image: string, probe: HealthCheck['probe'] | null, rest?: Partial<ServiceSpecInput>) => ServiceSpec;

  /** What `act` does with a service of its own, whose specs `probed` makes. */
  const during = (act: (web: LoadedService, probed: Probed) => Promise<void>): Promise<void> =>
    LoadedService.during(harbour, (web) =>
      act(web, (image, probe, rest = {}) =>
        web.spec(image, { health: probe === null ? null : { probe, ...checks }, ...rest }),
      ),
    );

  /** Under load from the first revision to the second and back. */
  async function forthAndBack(web: LoadedService, first: ServiceSpec, second: ServiceSpec): Promise<void> {
    await web.reach(first, 'one');
    await web.beginLoad();
    const { url } = web;
    await web.reach(second, 'two');
    expect(web.url).toBe(url);
    await web.goBack('one');
    expect(web.url).toBe(url);
    await web.expectNoLoss();
  }

  describe('by its path', () => {
    it.concurrent.each(['rolling', 'blue-green', 'canary'] as const)(
      'takes over and goes back without a loss (%s)',
      (strategy) =>
        during((web, probed) => {
          const canarySteps = [{ weightPercent: 50, holdMs: 700 }];
          const update = { strategy, delayMs, keepPreviousMs: 0, canarySteps };
          const second = probed(two, http('/health2'), { update, rollback: update });
          return forthAndBack(web, probed(one, http('/health1')), second);
        }),
    );
  });

  describe('by its kind', () => {
    it.concurrent.each([
      ['no probe', null, http('/health2')],
      ['another kind', http('/health1'), { kind: 'tcp', port: 8_080 } as const],
    ])('(%s before) takes over and goes back without a loss', (_, before, after) =>
      during((web, probed) => {
        const update = { delayMs };
        return forthAndBack(web, probed(one, before), probed(two, after, { update, rollback: update }));
      }),
    );

    it.concurrent('is proven although nothing else changed, and goes back when its probe never passes', () =>
      during(async (web, probed) => {
        await web.reach(probed(one, http('/health1')), 'one');
        await web.beginLoad();
        const { replicas } = harbour.view(web.name);
        const before = new Set(replicas.map(({ containerId }) => containerId));
        await harbour.deploy(probed(one, http('/not-there'), { update: { healthDeadlineMs: 1_500 } }));
        const back = await harbour.settled(web.id);
        expect(back).toMatchObject({ kind: 'auto-rollback', toRevision: 1, stage: { outcome: 'succeeded' } });
        expect(harbour.store.read.revision(web.id, 2)?.state).toBe('failed');
        expect(harbour.view(web.name).replicas.filter(({ containerId }) => before.has(containerId))).toHaveLength(2);
        await web.expectNoLoss();
      }));
  });

  describe('by its port', () => {
    const at = (probed: Probed, image: string, port: number, path: string, rest: Partial<ServiceSpecInput>) =>
      probed(image, http(path, port), {
        ports: [{ containerPort: port, publish: {} as never }] satisfies Partial<ServicePort>[],
        env: { PORT: String(port) },
        ...rest,
      });

    it.concurrent.each(['rolling', 'blue-green'] as const)('takes over and goes back without a loss (%s)', (strategy) =>
      during((web, probed) => {
        const update = { strategy, delayMs };
        const rest = { update, rollback: update };
        return forthAndBack(web, at(probed, one, 8_080, '/health1', rest), at(probed, two, 9_090, '/health2', rest));
      }),
    );

    it.concurrent('and its path goes on answering at the routes of its stack', () =>
      during(async (web, probed) => {
        const routed = (image: string, port: number, path: string): ServiceSpec =>
          at(probed, image, port, path, {
            ports: [{ containerPort: port }],
            routes: [{ containerPort: port }],
            update: { delayMs },
            rollback: { delayMs },
          });
        const url = () => harbour.view(web.name).routes[0]?.url ?? '';
        const leadsTo = (text: string) =>
          harbour.until(`its route leads to ${text}`, async () => url() !== '' && (await ask(url()))[1] === text);
        expect((await harbour.rollOut(routed(one, 8_080, '/health1'))).stage).toMatchObject({ outcome: 'succeeded' });
        await leadsTo('one');
        await web.beginLoad(url());
        expect((await harbour.rollOut(routed(two, 9_090, '/health2'))).stage).toMatchObject({ outcome: 'succeeded' });
        await leadsTo('two');
        await harbour.orchestrator.services.rollBack(web.id, 1);
        expect((await harbour.settled(web.id)).stage).toMatchObject({ outcome: 'succeeded' });
        await leadsTo('one');
        await web.expectNoLoss();
      }));
  });

  it('goes on when app and edge are started anew in the middle', () =>
    during(async (web, probed) => {
      await web.reach(probed(one, http('/health1')), 'one');
      await web.beginLoad();
      const update = { strategy: 'canary' as const, canarySteps: [{ weightPercent: 50, holdMs: null }] };
      await harbour.deploy(probed(two, http('/health2'), { update }));
      const stageOf = () => harbour.view(web.name).rollout?.rollout.stage;
      await harbour.until('the canary has traffic', () => stageOf()?.name === 'shifting');
      await pause(delayMs);
      await web.expectNoLoss();
      await harbour.restart();
      const labels = { [serviceLabel.service]: web.id, [serviceLabel.role]: 'edge' };
      const [edge] = expectOk(await harbour.docker.engine.listContainers(labels));
      if (edge === undefined) throw new Error('there is no edge');
      expectOk(await harbour.docker.engine.restartContainer(edge.id, 0));
      await harbour.until('it answers again', async () => (await ask(web.url))[0] === 200);
      await web.beginLoad();
      const rollout = harbour.store.read.rollouts(web.id)[0];
      if (rollout === undefined) throw new Error('there is no rollout');
      await harbour.until('all are healthy again', () => {
        const healthy = harbour.view(web.name).replicas.filter(({ state }) => ['healthy', 'draining'].includes(state));
        return healthy.length === 3;
      });
      await pause(delayMs);
      await harbour.orchestrator.services.promote(rollout.id);
      expect((await harbour.settled(web.id)).stage).toMatchObject({ outcome: 'succeeded' });
      await web.expectNoLoss();
    }));
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
