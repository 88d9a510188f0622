import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireDocker } from '../docker/docker.fixture.ts';
import { Harbour } from './harbour.fixture.ts';

const problem = await requireDocker();

describe.skipIf(problem !== null)('rollouts on a real engine', { timeout: 120_000 }, () => {
  let harbour: Harbour;
  let one: string;
  let two: string;

  beforeAll(async () => {
    harbour = await Harbour.open();
    one = await harbour.docker.webImage('one');
    two = await harbour.docker.webImage('two');
  }, 60_000);
  afterAll(() => harbour.dispose(), 60_000);

  it('starts a service, and answers at its address', async () => {
    const rollout = await harbour.rollOut(harbour.spec('web', one, { mode: { kind: 'replicated', replicas: 2 } }));
    expect(rollout.stage).toMatchObject({ name: 'ended', outcome: 'succeeded' });
    expect(await (await fetch(harbour.url('web'))).text()).toBe('one');
    expect(harbour.view('web')).toMatchObject({ status: 'healthy', servingRevision: 1, wanted: 2 });
  });

  it('begins nothing for a spec that is served already', async () => {
    const again = await harbour.deploy(harbour.spec('web', one, { mode: { kind: 'replicated', replicas: 2 } }));
    expect(again).toMatchObject({ revision: 1, unchanged: true });
    expect(harbour.store.read.rollouts(harbour.id('web'))).toHaveLength(1);
  });

  it('replaces its replicas, and keeps the record of each gate', async () => {
    const rollout = await harbour.rollOut(harbour.spec('web', two, { mode: { kind: 'replicated', replicas: 2 } }));
    expect(rollout.stage).toMatchObject({ name: 'ended', outcome: 'succeeded' });
    expect(rollout.decisions.map((decision) => [decision.gate, decision.verdict])).toEqual([
      ['preflight', 'passed'],
      ['image', 'passed'],
      ['health', 'passed'],
      ['health', 'passed'],
      ['monitor', 'passed'],
    ]);
    expect(await (await fetch(harbour.url('web'))).text()).toBe('two');
    await harbour.until('the old ones are gone', () => harbour.view('web').replicas.length === 2);
    expect(harbour.view('web').replicas.map((replica) => replica.revision)).toEqual([2, 2]);
  });

  it('scales without replacing what runs, also to nothing and back', async () => {
    const before = harbour.view('web').replicas.map((replica) => replica.containerId);
    const healthy = () => harbour.view('web').replicas.filter((replica) => replica.state === 'healthy');
    await harbour.orchestrator.services.scale(harbour.id('web'), 3);
    await harbour.settled(harbour.id('web'));
    await harbour.until('three serve', () => healthy().length === 3);
    expect(healthy().map((replica) => replica.containerId)).toEqual(expect.arrayContaining(before));
    await harbour.orchestrator.services.scale(harbour.id('web'), 0);
    await harbour.settled(harbour.id('web'));
    await harbour.until('none is left', () => harbour.view('web').replicas.length === 0);
    expect(harbour.view('web').status).toBe('stopped');
    await harbour.orchestrator.services.scale(harbour.id('web'), 1);
    await harbour.settled(harbour.id('web'));
    await harbour.until('it answers again', async () => (await fetch(harbour.url('web'))).status === 200);
  });

  it('goes back to any revision, and the newest deploy wins over one under way', async () => {
    const slow = harbour.spec('web', two, { command: ['sleep', '600'] });
    await harbour.deploy(slow);
    await harbour.orchestrator.services.rollBack(harbour.id('web'), 1);
    await harbour.settled(harbour.id('web'));
    const outcomes = harbour.store.read
      .rollouts(harbour.id('web'))
      .slice(0, 2)
      .map(({ kind, toRevision, stage }) => ({ kind, toRevision, outcome: stage.name === 'ended' && stage.outcome }));
    expect(outcomes).toEqual([
      { kind: 'rollback', toRevision: 1, outcome: 'succeeded' },
      { kind: 'deploy', toRevision: 6, outcome: 'superseded' },
    ]);
    expect(await (await fetch(harbour.url('web'))).text()).toBe('one');
  });

  it('pauses, and goes on where it stood', async () => {
    const spec = harbour.spec('web', two, {
      update: { strategy: 'canary', canarySteps: [{ weightPercent: 50, holdMs: 400 }] },
    });
    await harbour.deploy(spec);
    const rollout = () => harbour.view('web').rollout;
    await harbour.until('the canary has traffic', () => rollout()?.rollout.stage.name === 'shifting');
    const rolloutId = rollout()?.rollout.id;
    if (rolloutId === undefined) throw new Error('there is no rollout');
    await harbour.orchestrator.services.pause(rolloutId);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(rollout()?.rollout).toMatchObject({ stage: { name: 'shifting' }, paused: { because: 'person' } });
    expect(harbour.view('web').status).toBe('waiting');
    await harbour.orchestrator.services.resume(rolloutId);
    expect((await harbour.settled(harbour.id('web'))).stage).toMatchObject({ outcome: 'succeeded' });
  });

  it('keeps what failed as evidence, and says why', async () => {
    const broken = harbour.spec('mail', one, {
      command: ['sh', '-c', 'echo cannot reach the post office; exit 7'],
      restart: { attemptsMax: 2, delayMs: 100 },
    });
    const rollout = await harbour.rollOut(broken);
    expect(rollout.stage).toMatchObject({ name: 'ended', outcome: 'failed' });
    const evidence = rollout.decisions.find((decision) => decision.verdict === 'failed')?.evidence;
    expect(evidence).toMatchObject({ exitCode: 7, logTail: expect.stringContaining('cannot reach the post office') });
    expect(harbour.view('mail')).toMatchObject({ status: 'failed', servingRevision: null });
  });

  it('says what is wrong with an image before anything runs', async () => {
    const rollout = await harbour.rollOut(harbour.spec('ghost', 'gantry-test-no-such-image:1'));
    expect(rollout.stage).toMatchObject({ name: 'ended', outcome: 'failed' });
    expect(rollout.decisions.at(-1)?.detail).toMatch(/gantry-test-no-such-image/);
    expect(harbour.view('ghost').replicas).toEqual([]);
  });

  it('refuses a port that somebody has, and says who', async () => {
    const taken = Number(new URL(harbour.url('web')).port);
    const spec = harbour.spec('thief', one, { ports: [{ containerPort: 8_080, publish: { port: taken } }] });
    await expect(harbour.deploy(spec)).rejects.toThrow(/port \d+ belongs to service web of harbour-test\/main/);
    expect(harbour.store.read.service(harbour.id('thief'))).toBeNull();
  });

  it('is reached by its name from other services, and waits for those it depends on', async () => {
    const client = harbour.spec('client', one, { dependsOn: ['web'], ports: [], health: null });
    await harbour.rollOut(client);
    const [replica] = harbour.view('client').replicas;
    const asked = await harbour.docker.engine.run(replica?.containerId ?? '', ['wget', '-qO-', 'http://web:8080/']);
    expect(asked).toMatchObject({ ok: true, value: { exitCode: 0, output: 'two' } });
  });

  it('is removed with everything that it had', async () => {
    await harbour.orchestrator.services.remove(harbour.id('web'));
    await harbour.until('it is forgotten', () => harbour.store.read.service(harbour.id('web')) === null);
    const left = await harbour.docker.engine.listContainers({ 'gantry.service': harbour.id('web') });
    expect(left).toMatchObject({ ok: true, value: [] });
  });
});
