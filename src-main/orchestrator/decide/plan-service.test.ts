import { describe, expect, it } from 'vitest';
import {
  actionsOf,
  drained,
  endedReplica,
  hostId,
  nowMs,
  planOf,
  sampleHost,
  sampleReplica,
  sampleRevision,
  sampleRollout,
  sampleService,
  startingReplica,
  trafficOf,
} from './sample.fixture.ts';

const three = [sampleReplica(1, 1), sampleReplica(1, 2), sampleReplica(1, 3)];
const two = three.slice(0, 2);

describe('in the steady state', () => {
  it('asks for nothing when all is as it should be', () => {
    const plan = planOf({ replicas: three });
    expect(plan).toMatchObject({ actions: [], move: null, prepare: [], pending: [], progress: null, wakeAtMs: null });
    expect(trafficOf(plan)).toEqual(['1.1 256', '1.2 256', '1.3 256']);
  });

  it('fills empty slots, spread over the hosts', () => {
    const plan = planOf({ hosts: ['a', 'b', 'c'].map((id) => sampleHost(id)), replicas: [sampleReplica(1, 2)] });
    expect(actionsOf(plan)).toEqual(['create 1.1 on b', 'create 1.3 on c']);
  });

  it('starts a container that was made and not started', () => {
    const made = startingReplica(1, 3, { phase: 'created', startedAtMs: null, traffic: 'none' });
    expect(actionsOf(planOf({ replicas: [...two, made] }))).toEqual(['start 1.3']);
  });

  it('gives no traffic to one that has not been healthy yet', () => {
    expect(trafficOf(planOf({ replicas: [...two, startingReplica(1, 3)] }))).toEqual([
      '1.1 256',
      '1.2 256',
      '1.3 drain',
    ]);
  });

  it('makes another container after one ended, once its wait is over, and keeps the newest that failed', () => {
    const waiting = planOf({ replicas: [...two, endedReplica(1, 3, { endedAtMs: nowMs - 100 })] });
    expect(actionsOf(waiting)).toEqual([]);
    expect(waiting.pending).toEqual([{ revision: 1, slot: 3, why: 'exit code 1', retryAtMs: nowMs + 400 }]);
    expect(waiting.wakeAtMs).toBe(nowMs + 400);
    const over = planOf({ replicas: [...two, endedReplica(1, 3, { endedAtMs: nowMs - 500 })] });
    expect(actionsOf(over)).toEqual(['create 1.3#2 on a']);
  });

  it('removes what ended once another container runs in its slot, but the last failed one', () => {
    const older = endedReplica(1, 3, { containerId: 'older', createdAtMs: nowMs - 90_000, endedAtMs: nowMs - 80_000 });
    const newer = endedReplica(1, 3, { containerId: 'newer', createdAtMs: nowMs - 70_000, endedAtMs: nowMs - 65_000 });
    expect(actionsOf(planOf({ replicas: [...three, older, newer] }))).toEqual(['remove older']);
  });

  it('waits longer after each restart by the engine, too', () => {
    const crashed = endedReplica(1, 3, { restarts: 3, startedAtMs: nowMs - 700, endedAtMs: nowMs - 600 });
    expect(planOf({ replicas: [...two, crashed] }).pending[0]?.retryAtMs).toBe(nowMs - 600 + 500 * 2 ** 3);
  });

  it('removes one that was not needed after all, although it was made last', () => {
    const spare = endedReplica(1, 3, { containerId: 'spare', createdAtMs: nowMs - 40_000, exitCode: 143 });
    expect(actionsOf(planOf({ replicas: [...three, spare] }))).toEqual(['remove spare']);
  });

  it('goes by what ended last in a slot, not by what was made last', () => {
    const revisions = [sampleRevision(1, { restart: { condition: 'on-failure' } })];
    const spare = endedReplica(1, 3, { createdAtMs: nowMs - 40_000, endedAtMs: nowMs - 30_000, exitCode: 0 });
    const crashed = endedReplica(1, 3, { containerId: 'older', endedAtMs: nowMs - 100 });
    const plan = planOf({ revisions, replicas: [...two, crashed, spare] });
    expect(actionsOf(plan)).toEqual(['remove 1.3']);
    expect(plan.pending).toEqual([{ revision: 1, slot: 3, why: 'exit code 1', retryAtMs: nowMs + 400 }]);
  });

  it('replaces an unhealthy replica start-first and leaves it while the new one is not healthy', () => {
    const sick = sampleReplica(1, 3, {
      health: { status: 'unhealthy', sinceMs: nowMs - 5_000, detail: 'L7STS 503', passes: 0 },
    });
    const first = planOf({ replicas: [...two, sick] });
    expect(actionsOf(first)).toEqual(['create 1.3#2 on a']);
    expect(trafficOf(first)).toEqual(['1.1 256', '1.2 256', '1.3 drain']);
    const next = startingReplica(1, 3, { containerId: 'new' });
    expect(actionsOf(planOf({ replicas: [...two, { ...sick, ...drained }, next] }))).toEqual([]);
    const done = planOf({ replicas: [...two, { ...sick, ...drained }, sampleReplica(1, 3, { containerId: 'new' })] });
    expect(actionsOf(done)).toEqual(['stop 1.3']);
  });

  it('leaves traffic where it is while every replica is unhealthy', () => {
    const sick = three.map((each) => ({ ...each, health: { ...each.health, status: 'unhealthy' as const } }));
    const plan = planOf({ replicas: sick });
    expect(trafficOf(plan)).toEqual(['1.1 256', '1.2 256', '1.3 256']);
    expect(actionsOf(plan).every((action) => action.startsWith('create'))).toBe(true);
  });

  it('keeps everything while nothing is known of its health', () => {
    const blind = three.map((each) => ({ ...each, health: { ...each.health, status: 'unknown' as const } }));
    const plan = planOf({ replicas: blind, nowMs: nowMs + 3_600_000 });
    expect(actionsOf(plan)).toEqual([]);
    expect(trafficOf(plan)).toEqual(['1.1 256', '1.2 256', '1.3 256']);
  });

  it('drains surplus before it stops it', () => {
    const extra = sampleReplica(1, 4, { active: 2 });
    expect(actionsOf(planOf({ replicas: [...three, extra] }))).toEqual([]);
    const draining = { ...extra, traffic: 'drain' as const, drainingSinceMs: nowMs - 1_000 };
    expect(actionsOf(planOf({ replicas: [...three, draining] }))).toEqual([]);
    expect(actionsOf(planOf({ replicas: [...three, { ...draining, active: 0 }] }))).toEqual(['stop 1.4']);
    expect(actionsOf(planOf({ replicas: [...three, { ...draining, drainingSinceMs: nowMs - 30_000 }] }))).toEqual([
      'stop 1.4',
    ]);
  });

  it('brings a surplus replica back when nothing else works', () => {
    const sick = three.map((each) => ({ ...each, health: { ...each.health, status: 'unhealthy' as const } }));
    const plan = planOf({ replicas: [...sick, sampleReplica(1, 4, drained)] });
    expect(trafficOf(plan)).toContain('1.4 256');
    expect(actionsOf(plan)).not.toContain('stop 1.4');
  });

  it('takes everything away, traffic first, when the service is removed', () => {
    const service = sampleService({ state: 'removing' });
    expect(trafficOf(planOf({ service, replicas: three }))).toEqual(['1.1 drain', '1.2 drain', '1.3 drain']);
    const out = planOf({ service, replicas: [sampleReplica(1, 1, drained), endedReplica(1, 2)] });
    expect(actionsOf(out)).toEqual(['stop 1.1', 'remove 1.2']);
  });

  it('leaves containers of others alone', () => {
    const foreign = sampleReplica(9, 9, { serviceId: 'parcel/main/web' as never });
    expect(planOf({ replicas: [...three, foreign] })).toMatchObject({ actions: [] });
  });

  it('replaces by template, not by revision number', () => {
    const service = sampleService({ servingRevision: 2 });
    expect(planOf({ service, replicas: three, hashes: { 2: 'h1' } })).toMatchObject({ actions: [] });
  });

  it('keeps the replicas of before without traffic until their time is over', () => {
    const keeping = sampleRollout({
      stage: { name: 'ended', outcome: 'succeeded', detail: '' },
      keepPreviousUntilMs: nowMs + 60_000,
    });
    const service = sampleService({ servingRevision: 2 });
    const old = three.map((each) => ({ ...each, ...drained }));
    const serving = [1, 2, 3].map((slot) => sampleReplica(2, slot));
    const kept = planOf({ service, keeping, replicas: [...old, ...serving] });
    expect(kept).toMatchObject({ actions: [], move: null, wakeAtMs: nowMs + 60_000 });
    const over = { ...keeping, keepPreviousUntilMs: nowMs };
    expect(planOf({ service, keeping: over, replicas: [...old, ...serving] }).move).toEqual({
      kind: 'release-previous',
    });
    expect(actionsOf(planOf({ service, replicas: [...old, ...serving] }))).toEqual([
      'stop 1.1',
      'stop 1.2',
      'stop 1.3',
    ]);
  });
});

describe('hosts', () => {
  const down = (sinceMs: number) => sampleHost('b', { state: 'down', downSinceMs: sinceMs });
  const onB = sampleReplica(1, 3, { hostId: hostId('b') });

  it('are waited for 30 seconds', () => {
    const plan = planOf({ hosts: [sampleHost('a'), down(nowMs - 10_000)], replicas: [...two, onB] });
    expect(plan).toMatchObject({ actions: [], wakeAtMs: nowMs + 20_000 });
  });

  it('have lost their replicas after that', () => {
    const plan = planOf({ hosts: [sampleHost('a'), down(nowMs - 30_000)], replicas: [...two, onB] });
    expect(actionsOf(plan)).toEqual(['create 1.3 on a']);
  });

  it('that come back lose what has been replaced', () => {
    const back = { ...onB, ...drained };
    const plan = planOf({
      hosts: [sampleHost('a'), sampleHost('b')],
      replicas: [...three, { ...back, containerId: 'back' }],
    });
    expect(actionsOf(plan)).toEqual(['stop back']);
  });

  it('that are drained give their replicas to others first', () => {
    const hosts = [sampleHost('a'), sampleHost('b', { availability: 'drain' })];
    const first = planOf({ hosts, replicas: [...two, onB] });
    expect(actionsOf(first)).toEqual(['create 1.3 on a']);
    expect(trafficOf(first)).toContain('1.3 256');
    const moved = sampleReplica(1, 3, { containerId: 'moved' });
    expect(trafficOf(planOf({ hosts, replicas: [...two, onB, moved] }))).toContain('1.3 drain');
    expect(actionsOf(planOf({ hosts, replicas: [...two, { ...onB, ...drained }, moved] }))).toEqual(['stop 1.3']);
  });

  it('that are drained keep what fits nowhere else, and say so', () => {
    const hosts = [sampleHost('a', { availability: 'drain' })];
    const plan = planOf({ hosts, replicas: three });
    expect(plan).toMatchObject({ actions: [] });
    expect(trafficOf(plan)).toEqual(['1.1 256', '1.2 256', '1.3 256']);
    expect(plan.pending[0]).toMatchObject({ slot: 1, why: '1 host: 1 drained' });
  });

  it('have one replica each of a global service', () => {
    const revisions = [sampleRevision(1, { mode: { kind: 'global' } })];
    const hosts = [sampleHost('a'), sampleHost('b'), sampleHost('c', { availability: 'drain' })];
    const replicas = [
      sampleReplica(1, 1),
      sampleReplica(1, 1, { containerId: 'on-c', hostId: hostId('c'), ...drained }),
    ];
    expect(actionsOf(planOf({ revisions, hosts, replicas }))).toEqual(['create 1.1 on b', 'stop on-c']);
  });

  it('that have just gone quiet keep their replica of a global service', () => {
    const revisions = [sampleRevision(1, { mode: { kind: 'global' } })];
    // What its engine has is not known while it does not answer.
    const quiet = sampleHost('b', {
      state: 'down',
      downSinceMs: nowMs - 100,
      architecture: '',
      cpus: 0,
      memoryBytes: 0,
    });
    const replicas = [sampleReplica(1, 1), sampleReplica(1, 1, { containerId: 'on-b', hostId: hostId('b') })];
    const plan = planOf({ revisions, hosts: [sampleHost('a'), quiet], replicas });
    expect(actionsOf(plan)).toEqual([]);
    expect(trafficOf(plan)).toEqual(['1.1 256', 'on-b 256']);
  });

  it('get an image before a container', () => {
    const hosts = [sampleHost('a', { images: new Set() })];
    const plan = planOf({ hosts, replicas: two });
    expect(plan.prepare).toEqual([{ hostId: 'a', revision: 1 }]);
    expect(plan).toMatchObject({ actions: [], pending: [{ slot: 3, why: 'its image is being brought to dock-a' }] });
  });

  it('that hold a volume hold its replicas', () => {
    const mounts = [{ kind: 'volume' as const, volume: 'data', target: '/data' }];
    const revisions = [
      sampleRevision(1, { mounts, constraints: [{ attribute: 'node.labels.zone', operator: '==', value: 'eu' }] }),
    ];
    const hosts = [
      sampleHost('a', { labels: { zone: 'eu' } }),
      sampleHost('b', { labels: { zone: 'eu' } }),
      sampleHost('c'),
    ];
    const volume = { projectId: 'parcel', stack: 'main', name: 'data', driver: 'local', options: {}, createdAtMs: 0 };
    const at = (id: string | null) => [{ ...volume, hostId: id }] as never;
    expect(actionsOf(planOf({ revisions, hosts, volumes: at('b') }))).toEqual(
      [1, 2, 3].map((slot) => `create 1.${slot} on b`),
    );
    expect(actionsOf(planOf({ revisions, hosts, volumes: at(null) }))).toEqual(
      [1, 2, 3].map((slot) => `create 1.${slot} on a`),
    );
    expect(planOf({ revisions, hosts, volumes: at('c') }).pending[0]?.why).toBe(
      '3 hosts: 2 without the data of the volume data, 1 without node.labels.zone == eu',
    );
  });
});
