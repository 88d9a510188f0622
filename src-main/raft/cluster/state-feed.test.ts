import { afterEach, beforeEach, expect, it } from 'vitest';
import { mainStack } from '#shared/model/service-ids.ts';
import type { Change, ChangeSet } from '../../state/control-store.ts';
import { ServiceFixture, serviceId, serviceSpec, stack, volumeName } from '../../state/service.fixture.ts';
import { laneId, projectId } from '../../state/state.fixture.ts';
import type { PeerId } from '../core/message.ts';
import { StateFeed } from './state-feed.ts';

let state: ServiceFixture;
let feed: StateFeed;
beforeEach(() => {
  state = new ServiceFixture().begin('a');
  feed = new StateFeed();
});
afterEach(() => {
  feed.dispose();
  state.dispose();
});

const node = 1 as PeerId;
const keyOf = ({ table, id }: Pick<Change, 'table' | 'id'>) => `${table} ${id}`;

it('names every row when nobody knows what changed, services and what they are given too', () => {
  const seen: ChangeSet[] = [];
  feed.onDidChange((changes) => seen.push(changes));
  state.putSecret('db');
  state.putConfig('conf', 'a');
  const first = state.serve(serviceSpec('api'));
  const second = state.deploy(serviceSpec('api', { env: { A: '1' } }));
  const volume = { projectId, stack: mainStack, name: volumeName('data') };
  state.accept({ kind: 'volume.put', ...volume, driver: 'local', options: {} });
  state.queued();
  const preview = { projectId, stack: stack('lane-1'), laneId: laneId(1), fileName: 'compose.yaml' };
  state.accept({ kind: 'preview.put', ...preview, state: 'running', detail: null });

  feed.addNode(node, state.path, state.machine.applied().index);
  const named = seen.flatMap(({ changes }) => changes.map(keyOf));
  const api = serviceId('api');
  expect(named).toEqual(
    expect.arrayContaining([
      `task ${projectId}:a`,
      `service ${api}`,
      `revision ${api}/1`,
      `revision ${api}/2`,
      `rollout ${first.id}`,
      `rollout ${second.id}`,
      'secret db',
      'config conf',
      'volume main/data',
      'preview lane-1',
      'serviceHost local',
    ]),
  );
});
