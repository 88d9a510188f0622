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
    const started = Date.now();
    const rollout = await harbour.rollOut(harbour.spec('web', one, { mode: { kind: 'replicated', replicas: 2 } }));
    console.log('first rollout', Date.now() - started);
    expect(rollout.stage).toMatchObject({ name: 'ended', outcome: 'succeeded' });
    expect(await (await fetch(harbour.url('web'))).text()).toBe('one');
    expect(harbour.view('web')).toMatchObject({ status: 'healthy', servingRevision: 1, wanted: 2 });
  });

  it('replaces its replicas one by one', async () => {
    const started = Date.now();
    const rollout = await harbour.rollOut(harbour.spec('web', two, { mode: { kind: 'replicated', replicas: 2 } }));
    console.log(
      'update',
      Date.now() - started,
      JSON.stringify(rollout.decisions.map((d) => [d.gate, d.verdict, d.detail])),
    );
    expect(rollout.stage).toMatchObject({ name: 'ended', outcome: 'succeeded' });
    expect(await (await fetch(harbour.url('web'))).text()).toBe('two');
    expect(harbour.view('web').replicas.map((replica) => replica.revision)).toEqual([2, 2]);
  });
});
