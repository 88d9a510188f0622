import { expect, test } from 'vitest';
import { serviceHostViewSchema, volumeViewSchema } from '#shared/contract/service-views.ts';
import { replica, rollout, service, traffic } from '../service-view.fixture.ts';
import { linkPath } from './link-path.ts';
import { replicaGroups, shownLinks, topologyOf } from './topology.ts';

const published = { containerPort: 8080, protocol: 'http', address: '127.0.0.1', hostPort: 18602 };
const host = serviceHostViewSchema.parse({
  id: 'local',
  name: 'local',
  endpoint: null,
  labels: {},
  availability: 'active',
  engine: { state: 'connecting' },
  replicas: 0,
  containers: 0,
  cpuPercent: null,
  diskFreeBytes: null,
  observedAtMs: null,
});
const volume = (name: string) =>
  volumeViewSchema.parse({
    name,
    stack: 'main',
    driver: 'local',
    hostId: null,
    engineName: null,
    sizeBytes: null,
    usedBy: [],
    backups: [],
  });

const canary = service('api', {
  status: 'rolling-out',
  rollout: rollout(),
  servingRevision: 14,
  ports: [published],
  traffic: traffic(248),
  dependsOn: ['db', 'elsewhere'],
  replicas: [
    replica(4, { revision: 15, trafficPercent: 10 }),
    replica(1, { revision: 14, trafficPercent: 30 }),
    replica(2, { revision: 14, trafficPercent: 30 }),
    replica(1, { revision: 13, state: 'failed', trafficPercent: 0 }),
  ],
});
const db = service('db', { volumes: ['pg-data'] });

test('replicas stand by revision, with the shares that the rollout gives', () => {
  const groups = replicaGroups(canary).map(({ revision, share, spare, isNew, replicas }) => [
    revision,
    replicas.length,
    share,
    spare,
    isNew,
  ]);
  expect(groups).toEqual([
    [13, 1, null, 'failed', false],
    [14, 2, 90, null, false],
    [15, 1, 10, null, true],
  ]);
  const promoted = service('api', {
    replicas: [1, 2, 3].flatMap((slot) => [
      replica(slot, { revision: 14, trafficPercent: 0 }),
      replica(slot, { revision: 15, trafficPercent: 33 }),
    ]),
  });
  expect(replicaGroups(promoted).map(({ share }) => share)).toEqual([0, 100]);
  expect(replicaGroups(db).map(({ share, isNew }) => [share, isNew])).toEqual([[null, false]]);
});

test('links lead from the edge to replicas, hosts and volumes; those of the canary are apart', () => {
  const { rows, links, volumes, requestsPerSecond } = topologyOf(
    [db, canary],
    [host],
    [volume('pg-data'), volume('x')],
  );
  expect(rows.map((row) => row.service.name)).toEqual(['api', 'db']);
  expect(volumes.map(({ name }) => name)).toEqual(['pg-data']);
  expect(requestsPerSecond).toBe(248);
  expect(links.map(({ from, to, kind }) => `${from} > ${to}: ${kind}`)).toEqual([
    'edge > service api: main',
    'service api > group api 13: plain',
    'service api > group api 14: main',
    'group api 14 > host local: host',
    'service api > group api 15: canary',
    'group api 15 > host local: canary',
    'service api > service db: needs',
    'service db > group db 1: plain',
    'group db 1 > host local: host',
    'group db 1 > volume pg-data: plain',
  ]);
  expect(links[0]).toMatchObject({ label: '248', widthPx: 5 });
});

test('dependencies and hosts are drawn of one service, and so are volumes in a dense graph', () => {
  const { links } = topologyOf([db, canary], [host], [volume('pg-data')]);
  const drawn = (activeName: 'api' | 'db', isDense: boolean) => {
    const active = activeName === 'api' ? canary : db;
    return shownLinks(links, active.id, isDense)
      .filter(({ kind, to }) => kind === 'needs' || /^(host|volume) /.test(to))
      .map(({ from, to }) => `${from} > ${to}`);
  };
  expect(drawn('api', true)).toEqual([
    'group api 14 > host local',
    'group api 15 > host local',
    'service api > service db',
  ]);
  expect(drawn('db', true)).toEqual(['group db 1 > host local', 'group db 1 > volume pg-data']);
  expect(drawn('api', false)).toContain('group db 1 > volume pg-data');
});

test('what nobody reaches from outside has no link from the edge, and nothing is counted', () => {
  const { links, requestsPerSecond } = topologyOf([db], [], []);
  expect(links.some((link) => link.from === 'edge')).toBe(false);
  expect(requestsPerSecond).toBeNull();
});

test('a dependency runs on a track of its own beside the services, up or down', () => {
  const at = (middle: number) => ({ left: 0, right: 100, middle });
  expect(linkPath('main', at(10), { left: 200, right: 300, middle: 50 }, 0)).toBe('M100 10C150 10 150 50 200 50');
  expect(linkPath('needs', at(0), at(100), 0)).toBe('M100 14H104q6 0 6 6V96q0 6 -6 6H102');
  expect(linkPath('needs', at(100), at(0), 1)).toBe('M100 86H111q6 0 6 -6V8q0 -6 -6 -6H102');
});
