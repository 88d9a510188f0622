import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceSpecInput } from '#shared/model/service-spec.ts';
import { requireDocker } from '../docker/docker.fixture.ts';
import { Harbour } from './harbour.fixture.ts';

const problem = await requireDocker();
const strategies = ['rolling', 'blue-green', 'canary'] as const;

/** The app forgets everything in the middle: what is stored and what runs is all that is left. */
describe.skipIf(problem !== null)('an app that ends in the middle of a rollout', { timeout: 180_000 }, () => {
  let harbour: Harbour;
  let one: string;
  let two: string;

  beforeAll(async () => {
    harbour = await Harbour.open();
    one = await harbour.docker.webImage('one');
    two = await harbour.docker.webImage('two');
  }, 60_000);
  afterAll(() => harbour.dispose(), 60_000);

  function spec(name: string, image: string, strategy: (typeof strategies)[number]) {
    const update: ServiceSpecInput['update'] = {
      strategy,
      canarySteps: [{ weightPercent: 50, holdMs: 300 }],
    };
    return harbour.spec(name, image, { mode: { kind: 'replicated', replicas: 2 }, update });
  }

  it.each(strategies)('ends in the intended revision when it is back: %s', async (strategy) => {
    const name = `app-${strategy}`;
    await harbour.rollOut(spec(name, one, strategy));
    const { serviceId } = await harbour.deploy(spec(name, two, strategy));
    // At ever later points of the rollout, until it is over.
    for (
      let pauseMs = 20;
      harbour.store.read.service(serviceId)?.rolloutId !== null && pauseMs < 2_000;
      pauseMs += 90
    ) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await harbour.restart();
      expect((await fetch(harbour.url(name))).status).toBe(200);
    }
    const rollout = await harbour.settled(serviceId);
    expect(rollout).toMatchObject({ toRevision: 2, kind: 'deploy', stage: { outcome: 'succeeded' } });
    for (let count = 0; count < 6; count += 1) expect(await (await fetch(harbour.url(name))).text()).toBe('two');
    const wanted = harbour.store.read.rollouts(serviceId).filter((each) => each.toRevision === 2);
    expect(wanted).toHaveLength(1);
  });

  it('serves on while the app is away, and is known again', async () => {
    const name = 'steady';
    await harbour.rollOut(spec(name, one, 'rolling'));
    const before = harbour.view(name).replicas.map((replica) => replica.containerId);
    const url = harbour.url(name);
    harbour.orchestrator.dispose();
    expect(await (await fetch(url)).text()).toBe('one');
    await harbour.restart();
    await harbour.until('it is known', () => harbour.view(name).status === 'healthy');
    expect(harbour.view(name).replicas.map((replica) => replica.containerId)).toEqual(before);
  });
});
