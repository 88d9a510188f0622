import { describe, expect, it } from 'vitest';
import type { HostId, VolumeName } from '#shared/model/service-ids.ts';
import { actionsOf, planOf, sampleHost, sampleReplica, sampleRevision } from '../sample.fixture.ts';
import { type StackFacts, type StackMember, stackHome } from './stack-home.ts';

const nowMs = 1_000_000;
const id = (name: string): HostId => name as HostId;
const [a, b, local] = [sampleHost('a'), sampleHost('b'), sampleHost('local')];

function member(replicas: Record<string, number> = {}, rest: Partial<StackMember['spec']> = {}): StackMember {
  return {
    spec: { ports: [], dependsOn: [], constraints: [], mounts: [], ...rest },
    replicas: new Map(Object.entries(replicas).map(([host, count]) => [id(host), count])),
  };
}

function home(facts: Partial<StackFacts>): HostId | null {
  return stackHome({ hosts: [a, b], members: [member()], volumes: new Map(), loadOf: () => 0, nowMs, ...facts });
}

const published = sampleRevision(1).spec.ports.map((port) => ({
  ...port,
  publish: { address: '127.0.0.1', port: null },
}));
const onB: Partial<StackMember['spec']> = { constraints: [{ attribute: 'node.id', operator: '==', value: 'b' }] };
const withData: Partial<StackMember['spec']> = {
  mounts: [{ kind: 'volume', volume: 'data' as VolumeName, target: '/data', readOnly: false }],
};

describe('the host of a stack', () => {
  it.each<[string, Partial<StackFacts>, string | null]>([
    ['is the one that there is', { hosts: [a] }, 'a'],
    ['is none without any', { hosts: [] }, null],
    ['is where most of it is', { members: [member({ a: 1 }), member({ b: 2 })] }, 'b'],
    ['is where it is, whatever comes later', { members: [member({ a: 1 }), member({}, onB)] }, 'a'],
    ['is where all may run, when it is nowhere', { members: [member(), member({}, onB)] }, 'b'],
    [
      'is where its data is',
      { members: [member({}, withData)], volumes: new Map([['data' as VolumeName, id('b')]]) },
      'b',
    ],
    ['has the least to do', { loadOf: (host) => (host === 'a' ? 3 : 2) }, 'b'],
    [
      'is this machine when it publishes ports',
      { hosts: [a, local], members: [member({}, { ports: published })] },
      'local',
    ],
    ['is one that answers', { hosts: [{ ...a, state: 'down', downSinceMs: nowMs - 1_000 }, b] }, 'b'],
    [
      'stays while it is quiet for a moment',
      { hosts: [{ ...a, state: 'down', downSinceMs: nowMs - 29_000 }, b], members: [member({ a: 1 })] },
      'a',
    ],
    [
      'is another one when it is lost',
      { hosts: [{ ...a, state: 'down', downSinceMs: nowMs - 30_000 }, b], members: [member({ a: 1 })] },
      'b',
    ],
    [
      'is another one when it is emptied',
      { hosts: [{ ...a, availability: 'drain' }, b], members: [member({ a: 1 })] },
      'b',
    ],
    ['stays when there is no other', { hosts: [{ ...a, availability: 'drain' }], members: [member({ a: 1 })] }, 'a'],
  ])('%s', (_what, facts, expected) => {
    expect(home(facts)).toBe(expected);
  });
});

describe('replicas of a service with ports', () => {
  const revision = sampleRevision(1);
  const hosts = [a, b];

  it('are all on the host of their stack', () => {
    const plan = planOf({ revisions: [revision], hosts, home: id('b') });
    expect(actionsOf(plan)).toEqual(['create 1.1 on b', 'create 1.2 on b', 'create 1.3 on b']);
  });

  it('wait for it, and say so', () => {
    const bound = sampleRevision(1, { constraints: [{ attribute: 'node.id', operator: '==', value: 'b' }] });
    const plan = planOf({ revisions: [bound], hosts, home: id('a') });
    expect(plan.actions).toEqual([]);
    expect(plan.pending[0]?.why).toBe('2 hosts: 1 without node.id == b, 1 apart from its stack, which is on a');
  });

  it('follow their stack, the new one first', () => {
    const replicas = [1, 2, 3].map((slot) => sampleReplica(1, slot, { hostId: id('a') }));
    const plan = planOf({ revisions: [revision], hosts, replicas, home: id('b') });
    expect(actionsOf(plan)).toEqual(['create 1.1 on b', 'create 1.2 on b', 'create 1.3 on b']);
  });

  it('are anywhere when nothing reaches them and they need nobody', () => {
    const free = sampleRevision(1, { ports: [], health: null });
    const plan = planOf({ revisions: [free], hosts, home: id('b') });
    expect(new Set(plan.actions.map((action) => (action.kind === 'create' ? action.hostId : '')))).toEqual(
      new Set(['a', 'b']),
    );
  });
});
