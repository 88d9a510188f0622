import { describe, expect, it } from 'vitest';
import {
  actionsOf,
  hostId,
  nowMs,
  old,
  planOf,
  rolloutAt,
  sampleHost,
  sampleRevision,
  trafficOf,
} from '../sample.fixture.ts';

describe('preparing', () => {
  const preparing = rolloutAt({ name: 'preparing' });

  it('touches nothing that runs and waits for the preflight', () => {
    const plan = planOf({ rollout: preparing, preflightProblems: null, replicas: old });
    expect(plan).toMatchObject({ actions: [], move: null, progress: { waitsFor: 'the preflight' } });
    expect(trafficOf(plan)).toEqual(['1.1 256', '1.2 256', '1.3 256']);
  });

  it('begins once the image is there', () => {
    expect(planOf({ rollout: preparing, replicas: old }).move).toMatchObject({
      kind: 'advance',
      to: { name: 'replacing', lastBatchAtMs: null },
      decisions: [
        { gate: 'preflight', verdict: 'passed' },
        { gate: 'image', detail: 'The image is on dock-a' },
      ],
    });
  });

  it.each([
    ['rolling', 'replacing'],
    ['blue-green', 'starting'],
    ['canary', 'starting'],
  ])('begins as %s does, with %s', (strategy, name) => {
    const rollout = rolloutAt({ name: 'preparing' }, { strategy });
    expect(planOf({ rollout, replicas: old }).move).toMatchObject({ kind: 'advance', to: { name } });
  });

  it('fails for what stands against it, before anything is touched', () => {
    const plan = planOf({
      rollout: preparing,
      preflightProblems: ['Port 80 of dock-a is taken by nginx.'],
      replicas: old,
    });
    expect(plan.move).toMatchObject({
      kind: 'end',
      outcome: 'failed',
      detail: 'Port 80 of dock-a is taken by nginx.',
      backTo: 1,
    });
    expect(plan.actions).toEqual([]);
  });

  it('has the image of an unpinned revision brought to one host', () => {
    const revisions = [sampleRevision(1), sampleRevision(2, {}, { digest: null })];
    const plan = planOf({ rollout: preparing, revisions, replicas: old });
    expect(plan).toMatchObject({ prepare: [{ hostId: 'a', revision: 2 }], move: null, actions: [] });
  });

  it('has the image brought to every host that will need it', () => {
    const hosts = ['a', 'b', 'c'].map((id) => sampleHost(id, { images: new Set() }));
    const plan = planOf({ rollout: preparing, hosts, replicas: [] });
    expect(plan.prepare.filter(({ revision }) => revision === 2).map(({ hostId }) => hostId)).toEqual(['a', 'b', 'c']);
    expect(plan.progress?.waitsFor).toBe('the image on dock-a, dock-b, dock-c');
  });

  it('fails with what is wrong with the image', () => {
    const failure = {
      hostId: hostId('a'),
      revision: 2,
      message: 'There is no image parcel/api:1.',
      atMs: nowMs,
      isFinal: true,
    };
    expect(planOf({ rollout: preparing, imageFailures: [failure], replicas: old }).move).toMatchObject({
      kind: 'end',
      detail: 'There is no image parcel/api:1.',
      decisions: [{ gate: 'image', verdict: 'failed' }],
    });
  });

  it('waits for the services that it depends on, and says which', () => {
    const revisions = [sampleRevision(1), sampleRevision(2, { dependsOn: ['postgres', 'nats', 'cache'] })];
    const plan = planOf({
      rollout: preparing,
      revisions,
      dependencies: { postgres: false, nats: true },
      replicas: old,
    });
    expect(plan).toMatchObject({
      move: null,
      progress: { waitsFor: 'postgres to serve and a service cache to be deployed' },
    });
  });

  it('says why it fits nowhere, and fails when that lasts', () => {
    const hosts = [sampleHost('a', { availability: 'drain' })];
    const waits = planOf({ rollout: preparing, hosts });
    expect(waits).toMatchObject({ move: null, progress: { waitsFor: 'a host that fits: 1 host: 1 drained' } });
    const late = { ...preparing, progressAtMs: nowMs - 600_000 };
    expect(planOf({ rollout: late, hosts }).move).toMatchObject({
      kind: 'end',
      outcome: 'failed',
      decisions: [{ gate: 'deadline' }],
    });
  });

  it('restarts what dies meanwhile as it was', () => {
    const plan = planOf({ rollout: preparing, preflightProblems: null, replicas: old.slice(0, 2) });
    expect(actionsOf(plan)).toEqual(['create 1.3 on a']);
  });
});
