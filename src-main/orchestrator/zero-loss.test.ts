import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import { requireDocker } from '../docker/docker.fixture.ts';
import { systemClock } from '../platform/clock.ts';
import { LoadClient, type LoadCounts } from './drive/load-client.ts';
import { Harbour } from './harbour.fixture.ts';

const problem = await requireDocker();
const requestsPerSecond = 120;

/** Everything that changes what serves, under constant load: kept and new connections, and slow requests. */
describe.skipIf(problem !== null)('no request is lost', { timeout: 180_000 }, () => {
  let harbour: Harbour;
  let one: string;
  let two: string;
  let client: LoadClient;
  let serviceNumber = 0;
  let name: string;

  beforeAll(async () => {
    harbour = await Harbour.open();
    one = await harbour.docker.webImage('one');
    two = await harbour.docker.webImage('two');
  }, 60_000);
  afterAll(() => harbour.dispose(), 60_000);

  beforeEach(async () => {
    serviceNumber += 1;
    name = `web-${serviceNumber}`;
    await serve(one, {});
    client = new LoadClient({ url: harbour.url(name), requestsPerSecond, forMs: 600_000, clock: systemClock });
    await pause(500);
  });
  afterEach(async () => {
    client.dispose();
    await harbour.orchestrator.services.remove(harbour.id(name));
    await harbour.until(`${name} is gone`, () => harbour.store.read.service(harbour.id(name)) === null);
  });

  async function serve(image: string, update: object, replicas = 2) {
    return harbour.rollOut(
      harbour.spec(name, image, { mode: { kind: 'replicated', replicas }, update, rollback: update }),
    );
  }

  async function ended(): Promise<LoadCounts> {
    await pause(700);
    const over = new Promise<LoadCounts>((resolve) => client.onDidEnd(resolve));
    client.dispose();
    const counts = await over;
    expect(counts.sent).toBeGreaterThan(100);
    return counts;
  }

  async function answer(): Promise<string> {
    return (await fetch(harbour.url(name))).text();
  }

  it('by a rolling update', async () => {
    expect((await serve(two, { strategy: 'rolling' })).stage).toMatchObject({ outcome: 'succeeded' });
    expect(await answer()).toBe('two');
    expect(await ended()).toMatchObject({ failed: 0, failures: [] });
  });

  it('by a blue-green switch and the switch back', async () => {
    expect((await serve(two, { strategy: 'blue-green' })).stage).toMatchObject({ outcome: 'succeeded' });
    expect(await answer()).toBe('two');
    const from = Date.now();
    await harbour.orchestrator.services.rollBack(harbour.id(name), 1);
    expect((await harbour.settled(harbour.id(name))).stage).toMatchObject({ outcome: 'succeeded' });
    console.log('switch back', Date.now() - from);
    expect(await answer()).toBe('one');
    expect(await ended()).toMatchObject({ failed: 0, failures: [] });
  });

  it('by a canary, step by step', async () => {
    const steps = [
      { weightPercent: 10, holdMs: 500 },
      { weightPercent: 50, holdMs: 500 },
    ];
    expect((await serve(two, { strategy: 'canary', canarySteps: steps })).stage).toMatchObject({
      outcome: 'succeeded',
    });
    expect(await answer()).toBe('two');
    expect(await ended()).toMatchObject({ failed: 0, failures: [] });
  });

  it('by a canary that is promoted, or aborted', async () => {
    const update = { strategy: 'canary', canarySteps: [{ weightPercent: 20, holdMs: null }] };
    const spec = harbour.spec(name, two, { mode: { kind: 'replicated', replicas: 2 }, update: update as never });
    const { serviceId } = await harbour.deploy(spec);
    const shifting = () => harbour.view(name).rollout?.rollout.stage.name === 'shifting';
    await harbour.until('the canary has traffic', shifting);
    await pause(500);
    const first = harbour.view(name).rollout?.rollout.id;
    if (first === undefined) throw new Error('there is no rollout');
    await harbour.orchestrator.services.abort(first);
    await harbour.settled(serviceId);
    expect(await answer()).toBe('one');
    await harbour.deploy({ ...spec, env: { AGAIN: '1' } });
    await harbour.until('the canary has traffic', shifting);
    const second = harbour.view(name).rollout?.rollout.id;
    if (second === undefined) throw new Error('there is no rollout');
    await harbour.orchestrator.services.promote(second);
    expect((await harbour.settled(serviceId)).stage).toMatchObject({ outcome: 'succeeded' });
    expect(await answer()).toBe('two');
    expect(await ended()).toMatchObject({ failed: 0, failures: [] });
  });

  it('by an update that fails and goes back by itself', async () => {
    const broken = harbour.spec(name, two, {
      mode: { kind: 'replicated', replicas: 2 },
      command: ['sh', '-c', 'echo no database; exit 3'],
      update: { healthDeadlineMs: 5_000 },
    });
    const { serviceId } = await harbour.deploy(broken);
    const back = await harbour.settled(serviceId);
    expect(back).toMatchObject({ kind: 'auto-rollback', toRevision: 1, stage: { outcome: 'succeeded' } });
    const failed = harbour.store.read.rollouts(serviceId).find((rollout) => rollout.toRevision === 2);
    expect(failed?.stage).toMatchObject({ name: 'ended', outcome: 'failed' });
    const evidence = failed?.decisions.find((decision) => decision.verdict === 'failed')?.evidence;
    expect(evidence).toMatchObject({ exitCode: 3, logTail: expect.stringContaining('no database') });
    expect(await answer()).toBe('one');
    expect(await ended()).toMatchObject({ failed: 0, failures: [] });
  });

  it('by scaling up and down', async () => {
    await harbour.orchestrator.services.scale(harbour.id(name), 5);
    await harbour.settled(harbour.id(name));
    await harbour.until(
      'five serve',
      () => harbour.view(name).replicas.filter((each) => each.state === 'healthy').length === 5,
    );
    await harbour.orchestrator.services.scale(harbour.id(name), 1);
    await harbour.settled(harbour.id(name));
    await harbour.until('one serves', () => harbour.view(name).replicas.length === 1);
    expect(await ended()).toMatchObject({ failed: 0, failures: [] });
  });

  it('when a replica is killed, but what it was serving', async () => {
    const [victim] = harbour.view(name).replicas;
    if (victim === undefined) throw new Error('there is no replica');
    await harbour.docker.engine.killContainer(victim.containerId, 'SIGKILL');
    await harbour.until(
      'it was replaced',
      () => harbour.view(name).replicas.filter((each) => each.state === 'healthy').length === 2,
    );
    const { failed, sent } = await ended();
    console.log('killed:', failed, 'of', sent);
    expect(failed).toBeLessThanOrEqual(8);
  });
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
