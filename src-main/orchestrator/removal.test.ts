import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectOk, requireDocker } from '../docker/docker.fixture.ts';
import { Harbour } from './harbour.fixture.ts';

const problem = await requireDocker();

/** What is left on the engine of services that were removed. */
describe.skipIf(problem !== null)('a removed service', { timeout: 60_000 }, () => {
  let harbour: Harbour;
  let image: string;

  beforeAll(async () => {
    harbour = await Harbour.open();
    image = await harbour.docker.webImage('one');
  }, 60_000);
  afterAll(() => harbour.dispose(), 60_000);

  /** Names of what carries the label of this installation, by what it ends with. */
  async function left() {
    const { engine, instance } = harbour.docker;
    const labels = { 'gantry.instance': instance };
    return {
      containers: expectOk(await engine.listContainers(labels)).length,
      networks: expectOk(await engine.listNetworks(labels)).length,
      volumes: expectOk(await engine.listVolumes(labels)).map(({ name }) => name.replace(/^.*-main-/, '')),
    };
  }

  async function remove(name: string): Promise<void> {
    await harbour.orchestrator.services.remove(harbour.id(name));
    await harbour.until(`${name} is gone`, () => harbour.store.read.service(harbour.id(name)) === null);
  }

  async function deployBoth(): Promise<void> {
    await harbour.orchestrator.secrets.put(harbour.projectId, 'password', Buffer.from('hush'));
    const secrets = [{ secret: 'password' }];
    await harbour.rollOut(
      harbour.spec('kept', image, { secrets, mounts: [{ kind: 'volume', volume: 'data', target: '/data' }] }),
    );
    await harbour.rollOut(harbour.spec('other', image, { routes: [{ path: '/', containerPort: 8_080 }] }));
  }

  it('leaves its data and what others use, and no secret', async () => {
    await deployBoth();
    await remove('kept');
    // The other one's replica and edge, and the ingress of the stack.
    expect(await left()).toEqual({ containers: 3, networks: 1, volumes: ['data'] });
    expect((await fetch(harbour.url('other'))).status).toBe(200);
  });

  it('takes the network of its stack along when it is the last one', async () => {
    await remove('other');
    await harbour.until('the network is gone', async () => (await left()).networks === 0);
    expect(await left()).toEqual({ containers: 0, networks: 0, volumes: ['data'] });
  });

  it('takes it along when all are removed at once, and when the app ended before', async () => {
    await deployBoth();
    const removed = Promise.all([remove('kept'), remove('other')]);
    await harbour.restart();
    await removed;
    await harbour.until('the network is gone', async () => (await left()).networks === 0);
    expect(await left()).toEqual({ containers: 0, networks: 0, volumes: ['data'] });
  });

  it('leaves nothing of what was just being made', async () => {
    const spec = harbour.spec('hasty', image, {
      mode: { kind: 'replicated', replicas: 4 },
      update: { parallelism: 0 },
    });
    const { serviceId } = await harbour.deploy(spec);
    const made = async () =>
      expectOk(await harbour.docker.engine.listContainers({ 'gantry.service': serviceId, 'gantry.role': 'replica' }));
    await harbour.until('one is being made', async () => (await made()).length > 0);
    await remove('hasty');
    // Also a moment later.
    await harbour.orchestrator.idle();
    expect(await made()).toEqual([]);
  });
});
