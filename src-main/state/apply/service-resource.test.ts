import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProjectId } from '#shared/model/ids.ts';
import { type HostId, localHost, mainStack } from '#shared/model/service-ids.ts';
import { ServiceFixture, serviceId, serviceSpec, stack, volumeName } from '../service.fixture.ts';
import { laneId, projectId } from '../state.fixture.ts';

let state: ServiceFixture;
beforeEach(() => {
  state = new ServiceFixture().begin('a');
});
afterEach(() => state.dispose());

const data = { projectId, stack: mainStack, name: volumeName('data') };
const put = { kind: 'volume.put', ...data, driver: 'local', options: { type: 'none', o: 'bind' } } as const;
const far = 'far' as HostId;
const farHost = { id: far, endpoint: 'tcp://10.0.0.9:2376', labels: { zone: 'eu' }, availability: 'active' } as const;
const mounting = serviceSpec('api', { mounts: [{ kind: 'volume', volume: 'data', target: '/data' }] });

describe('a volume', () => {
  it('is declared once for each stack, and the same again is accepted', () => {
    state.accept(put);
    state.nowMs += 1;
    state.accept({ ...put, options: { o: 'bind', type: 'none' } });
    state.accept({ ...put, stack: stack('lane-1') });
    expect(state.read.volume(projectId, mainStack, data.name)).toEqual({
      ...data,
      driver: 'local',
      options: put.options,
      hostId: null,
      createdAtMs: state.nowMs - 1,
    });
    expect(state.read.volumes(projectId).map((volume) => volume.stack)).toEqual(['lane-1', 'main']);
    state.refuse({ ...put, driver: 'nfs' }, 'wrong-state');
    state.refuse({ ...put, options: {} }, 'wrong-state');
    state.refuse({ ...put, projectId: 'nobody-000000' as ProjectId }, 'not-found');
  });

  it('is placed once, on a host that is known', () => {
    state.accept(put);
    const place = { kind: 'volume.place', ...data, hostId: far } as const;
    state.refuse(place, 'not-found');
    state.accept({ kind: 'host.put', host: farHost });
    state.accept(place);
    state.accept(place);
    expect(state.read.volume(projectId, mainStack, data.name)?.hostId).toBe(far);
    expect(state.refuse({ ...place, hostId: localHost }, 'wrong-state')).toContain('is on far');
    state.refuse({ ...place, name: volumeName('none') }, 'not-found');
  });

  it('is kept while a service of its stack mounts it', () => {
    state.accept(put);
    state.accept({ ...put, stack: stack('lane-1') });
    const rollout = state.deploy(mounting);
    const remove = { kind: 'volume.remove', ...data } as const;
    expect(state.refuse(remove, 'wrong-state')).toContain('Service api mounts the volume data');
    state.accept({ ...remove, stack: stack('lane-1') });
    state.succeed(rollout);
    state.refuse(remove, 'wrong-state');
    state.accept({ kind: 'service.remove', serviceId: serviceId('api') });
    state.accept(remove);
    expect(state.read.volumes(projectId)).toEqual([]);
    state.refuse(remove, 'not-found');
  });
});

describe('hosts', () => {
  it('always have the engine of this machine among them, first', () => {
    expect(state.read.serviceHosts()).toEqual([{ id: 'local', endpoint: null, labels: {}, availability: 'active' }]);
    state.accept({ kind: 'host.put', host: farHost });
    state.accept({ kind: 'host.put', host: { ...farHost, id: localHost, endpoint: null, availability: 'drain' } });
    expect(state.read.serviceHosts()).toEqual([
      { ...farHost, id: 'local', endpoint: null, availability: 'drain' },
      farHost,
    ]);
    state.refuse({ kind: 'host.remove', hostId: localHost }, 'wrong-state');
    state.accept({ kind: 'host.remove', hostId: far });
    state.refuse({ kind: 'host.remove', hostId: far }, 'not-found');
    expect(state.read.serviceHosts()).toHaveLength(1);
  });
});

describe('a preview', () => {
  const preview = () => ({
    kind: 'preview.put' as const,
    projectId,
    stack: stack('lane-1'),
    laneId: laneId(1),
    fileName: 'compose.yaml',
    state: 'building' as const,
    detail: null,
  });

  it('belongs to its lane, and remembers since when', () => {
    state.queued();
    state.accept(preview());
    state.nowMs += 10;
    state.accept({ ...preview(), state: 'failed', detail: 'No such file.' });
    expect(state.read.preview(projectId, stack('lane-1'))).toEqual({
      stack: 'lane-1',
      projectId,
      laneId: laneId(1),
      fileName: 'compose.yaml',
      state: 'failed',
      detail: 'No such file.',
      createdAtMs: state.nowMs - 10,
    });
    expect(state.read.previews(projectId)).toHaveLength(1);
    state.refuse({ ...preview(), stack: stack('lane-2') }, 'invalid-input');
    state.refuse({ ...preview(), stack: mainStack }, 'invalid-input');
    state.refuse({ ...preview(), laneId: laneId(2) }, 'not-found');
  });

  it('is forgotten once its services are gone', () => {
    state.queued();
    state.accept(preview());
    state.deploy(serviceSpec('web'), { stack: stack('lane-1') });
    const forget = { kind: 'preview.forget', projectId, stack: stack('lane-1') } as const;
    expect(state.refuse(forget, 'wrong-state')).toContain('services (web)');
    const web = serviceId('web', stack('lane-1'));
    state.accept({ kind: 'service.remove', serviceId: web });
    state.accept({ kind: 'service.forget', serviceId: web });
    state.accept(forget);
    expect(state.read.previews(projectId)).toEqual([]);
    state.refuse(forget, 'not-found');
    expect(state.deploy(serviceSpec('web'), { stack: stack('lane-1') }).number).toBe(1);
  });
});
