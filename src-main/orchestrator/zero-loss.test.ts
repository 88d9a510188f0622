import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceSpecInput } from '#shared/model/service-spec.ts';
import { requireDocker } from '../docker/docker.fixture.ts';
import { Harbour } from './harbour.fixture.ts';
import { ask, LoadedService } from './loaded-service.fixture.ts';

const problem = await requireDocker();

/** Everything that changes what serves, under constant load: kept and new connections, and slow requests. */
describe.skipIf(problem !== null)('no request is lost', { timeout: 180_000 }, () => {
  let harbour: Harbour;
  let one: string;
  let two: string;

  beforeAll(async () => {
    harbour = await Harbour.open();
    one = await harbour.docker.webImage('one');
    two = await harbour.docker.webImage('two');
  }, 60_000);
  afterAll(() => harbour.dispose(), 60_000);

  /** What `act` does with a service that is under load. */
  const underLoad = (act: (web: LoadedService) => Promise<void>): Promise<void> =>
    LoadedService.during(harbour, async (web) => {
      await web.reach(web.spec(one), 'one');
      await web.beginLoad();
      await act(web);
    });

  const serving = (web: LoadedService) => harbour.view(web.name).replicas.filter(({ state }) => state === 'healthy');

  describe('by the way of an update:', () => {
    const both = (update: ServiceSpecInput['update']) => ({ update, rollback: update });

    it.concurrent('rolling', () =>
      underLoad(async (web) => {
        await web.reach(web.spec(two, both({ strategy: 'rolling' })), 'two');
        await web.expectNoLoss();
      }));

    it.concurrent('a blue-green switch and the switch back', () =>
      underLoad(async (web) => {
        await web.reach(web.spec(two, both({ strategy: 'blue-green' })), 'two');
        await web.goBack('one');
        await web.expectNoLoss();
      }));

    it.concurrent('a canary, step by step', () =>
      underLoad(async (web) => {
        const canarySteps = [
          { weightPercent: 10, holdMs: 500 },
          { weightPercent: 50, holdMs: 500 },
        ];
        await web.reach(web.spec(two, both({ strategy: 'canary', canarySteps })), 'two');
        await web.expectNoLoss();
      }));
  });

  describe('by what is decided on the way:', () => {
    it.concurrent('a canary that is promoted, or aborted', () =>
      underLoad(async (web) => {
        const update = { strategy: 'canary' as const, canarySteps: [{ weightPercent: 20, holdMs: null }] };
        const spec = web.spec(two, { update });
        const canary = async () => {
          const rollout = () => harbour.view(web.name).rollout?.rollout;
          await harbour.until('the canary has traffic', () => rollout()?.stage.name === 'shifting');
          const rolloutId = rollout()?.id;
          if (rolloutId === undefined) throw new Error('there is no rollout');
          return rolloutId;
        };
        await harbour.deploy(spec);
        const first = await canary();
        await new Promise((resolve) => setTimeout(resolve, 500));
        await harbour.orchestrator.services.abort(first);
        await harbour.settled(web.id);
        expect(await ask(web.url)).toEqual([200, 'one']);
        await harbour.deploy({ ...spec, env: { AGAIN: '1' } });
        await harbour.orchestrator.services.promote(await canary());
        expect((await harbour.settled(web.id)).stage).toMatchObject({ outcome: 'succeeded' });
        expect(await ask(web.url)).toEqual([200, 'two']);
        await web.expectNoLoss();
      }));

    it.concurrent('an update that fails and goes back by itself', () =>
      underLoad(async (web) => {
        await harbour.deploy(
          web.spec(two, {
            command: ['sh', '-c', 'echo no database; exit 3'],
            update: { healthDeadlineMs: 5_000 },
          }),
        );
        const back = await harbour.settled(web.id);
        expect(back).toMatchObject({ kind: 'auto-rollback', toRevision: 1, stage: { outcome: 'succeeded' } });
        const failed = harbour.store.read.rollouts(web.id).find((rollout) => rollout.toRevision === 2);
        expect(failed?.stage).toMatchObject({ name: 'ended', outcome: 'failed' });
        const evidence = failed?.decisions.find((decision) => decision.verdict === 'failed')?.evidence;
        expect(evidence).toMatchObject({ exitCode: 3, logTail: expect.stringContaining('no database') });
        expect(await ask(web.url)).toEqual([200, 'one']);
        await web.expectNoLoss();
      }));

    it.concurrent('scaling up and down', () =>
      underLoad(async (web) => {
        await harbour.orchestrator.services.scale(web.id, 5);
        await harbour.settled(web.id);
        await harbour.until('five serve', () => serving(web).length === 5);
        await harbour.orchestrator.services.scale(web.id, 1);
        await harbour.settled(web.id);
        await harbour.until('one serves', () => harbour.view(web.name).replicas.length === 1);
        await web.expectNoLoss();
      }));
  });

  it('when a replica is killed, but what it was serving', () =>
    underLoad(async (web) => {
      const [victim] = harbour.view(web.name).replicas;
      if (victim === undefined) throw new Error('there is no replica');
      await harbour.docker.engine.killContainer(victim.containerId, 'SIGKILL');
      await harbour.until('it was replaced', () => {
        const now = serving(web);
        return now.length === 2 && now.every(({ containerId }) => containerId !== victim.containerId);
      });
      const { failed, sent } = await web.endLoad();
      console.log('killed:', failed, 'of', sent);
      expect(failed).toBeLessThanOrEqual(8);
    }));
});
