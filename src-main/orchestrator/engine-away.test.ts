// What is said and done while the engine does not answer: it has ended, it hangs, or its containers go on without it.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { requireOwnEngine } from '../docker/own-engine.fixture.ts';
import { hastened } from './harbour.fixture.ts';
import { OwnHarbour, type OwnHarbourOptions } from './own-harbour.fixture.ts';

const problem = requireOwnEngine();

const awayMs = 1_000;

/** An engine with a service on it. */
async function setUp(options: OwnHarbourOptions) {
  const ground = await OwnHarbour.open(options);
  const { harbour } = ground;
  const image = await harbour.docker.webImage('one');
  const spec = harbour.spec('web', image, { mode: { kind: 'replicated', replicas: 2 } });
  const rollout = await harbour.rollOut(spec);
  expect(rollout.stage).toMatchObject({ outcome: 'succeeded' });
  return { ...ground, spec, dispose: () => ground.dispose() };
}

type Ground = Awaited<ReturnType<typeof setUp>>;

const containers = ({ harbour }: Ground) => harbour.view('web').replicas.map((each) => each.containerId);
const isHealthy = ({ harbour }: Ground) => harbour.view('web').status === 'healthy';
const answer = ({ client, harbour }: Ground) => client.get(harbour.url('web'));

// At the same time, each on an engine of its own: most of it is waiting.
const suites = { concurrent: true, timeout: 180_000 };
const inTurn = { concurrent: false };

describe.skipIf(problem !== null)('an engine that does not answer', suites, () => {
  let ground: Ground;
  beforeAll(async () => {
    // Half a minute goes by until an engine is known to hang.
    ground = await setUp({ engineClock: hastened(3) });
  }, 120_000);
  afterAll(() => ground?.dispose(), 60_000);
  afterEach(() => ground.harbour.until('it is well again', () => isHealthy(ground)));

  it('is told, nothing is begun on it, and it is picked up when it is back', inTurn, async () => {
    const { own, harbour, spec } = ground;
    await own.end('SIGTERM');
    await harbour.until('it is told', () => harbour.view('web').status === 'stale');
    expect(harbour.view('web')).toMatchObject({
      sentence: 'The engine does not answer; this is what was last known of web.',
      servingRevision: 1,
    });
    await harbour.until(
      'the host is told',
      () => harbour.orchestrator.views.hosts()[0]?.engine.state === 'unreachable',
    );
    expect(harbour.orchestrator.views.hosts()).toMatchObject([
      { engine: { state: 'unreachable', advice: expect.stringContaining('No engine answers at unix:///') } },
    ]);
    await expect(harbour.deploy({ ...spec, env: { AGAIN: '1' } })).rejects.toMatchObject({
      code: 'preflight-failed',
      message: expect.stringMatching(/^web was not deployed; nothing was touched\. No engine answers at .*Start it\.$/),
    });
    const { services } = harbour.orchestrator;
    await expect(services.scale(harbour.id('web'), 3)).rejects.toThrow(
      /^web was not scaled to 3; nothing was touched\. No engine answers at /,
    );
    await expect(services.restart(harbour.id('web'))).rejects.toThrow(
      /^The replicas of web were not replaced; nothing was touched\. No engine answers at /,
    );
    expect(harbour.store.read.service(harbour.id('web'))).toMatchObject({ revisions: 1, rolloutId: null });
    await own.startAgain();
    await harbour.until('it is well again', () => isHealthy(ground));
    expect(await answer(ground)).toEqual({ status: 200, text: 'one' });
  });

  it('is told to hang within a bounded time, and what goes on there is left alone', inTurn, async () => {
    const { own, harbour } = ground;
    const before = containers(ground);
    own.signal('SIGSTOP');
    try {
      await harbour.until('it is told', () => harbour.orchestrator.views.hosts()[0]?.engine.state === 'unreachable');
      expect(harbour.orchestrator.views.hosts()).toMatchObject([
        { engine: { advice: expect.stringContaining('It may hang; restart it if that goes on.') } },
      ]);
      await harbour.until('its service is told', () => harbour.view('web').status === 'stale');
      // The edge and its replicas do not need the engine.
      expect(await answer(ground)).toEqual({ status: 200, text: 'one' });
    } finally {
      own.signal('SIGCONT');
    }
    await harbour.until('it is well again', () => isHealthy(ground));
    expect(containers(ground)).toEqual(before);
  });
});

describe.skipIf(problem !== null)('an engine whose containers go on without it', suites, () => {
  let ground: Ground;
  beforeAll(async () => {
    // Its proxy for ports on loopback would end with it.
    ground = await setUp({ settings: ['--live-restore', '--userland-proxy=false'] });
  }, 120_000);
  afterAll(() => ground?.dispose(), 60_000);

  it('loses no request while it is away, and nothing is replaced when it is back', inTurn, async () => {
    const { own, harbour, client } = ground;
    const before = containers(ground);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await client.beginLoad(harbour.url('web'), 100);
      await own.end(signal);
      await harbour.until('it is known to be away', () => harbour.view('web').status === 'stale');
      await new Promise((resolve) => setTimeout(resolve, awayMs));
      await expectNoneFailed();
      await own.startAgain();
      await harbour.until('it is well again', () => isHealthy(ground));
      expect(containers(ground)).toEqual(before);
    }
  });

  /** Not beyond its start: it makes its rules for ports anew then, and a few connections are refused in between. */
  async function expectNoneFailed(): Promise<void> {
    const { sent, failed, failures } = await ground.client.endLoad();
    expect({ failed, failures }).toEqual({ failed: 0, failures: [] });
    expect(sent).toBeGreaterThan(100);
  }

  it('ends a rollout well that it left in its midst', inTurn, async () => {
    const { own, harbour, client } = ground;
    const two = await harbour.docker.webImage('two');
    const spec = harbour.spec('web', two, {
      mode: { kind: 'replicated', replicas: 2 },
      update: { parallelism: 1, delayMs: 1_500 },
    });
    await client.beginLoad(harbour.url('web'), 100);
    await harbour.deploy(spec);
    const isInMidst = () =>
      harbour.view('web').replicas.some((each) => each.revision === 2 && each.trafficPercent !== 0);
    await harbour.until('it is in its midst', isInMidst);
    await own.end('SIGKILL');
    await harbour.until('it is known to be away', () => harbour.view('web').status === 'stale');
    await new Promise((resolve) => setTimeout(resolve, awayMs));
    await expectNoneFailed();
    await own.startAgain();
    expect(await harbour.settled(harbour.id('web'))).toMatchObject({ toRevision: 2, stage: { outcome: 'succeeded' } });
    expect(await answer(ground)).toEqual({ status: 200, text: 'two' });
  });
});
