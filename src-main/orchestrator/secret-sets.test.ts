// Sets of secrets are in memory for as long as something may use them, and no longer.
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectOk, requireDocker } from '../docker/docker.fixture.ts';
import { localHost } from '#shared/model/service-ids.ts';
import { serviceLabel } from '../ports/service-labels.ts';
import { Harbour, harbourProject } from './harbour.fixture.ts';

const problem = await requireDocker();

describe.skipIf(problem !== null)('sets of secrets', { timeout: 120_000 }, () => {
  let harbour: Harbour;
  let image: string;

  beforeAll(async () => {
    harbour = await Harbour.open();
    image = await harbour.docker.webImage('one');
    await put('first');
  }, 60_000);
  afterAll(() => harbour.dispose(), 60_000);

  const put = (value: string) => harbour.orchestrator.secrets.put(harbourProject, 'password', Buffer.from(value));
  const keepLabels = (name: string) => ({
    [serviceLabel.service]: harbour.id(name),
    [serviceLabel.role]: 'keeper',
  });
  async function keepers(name: string) {
    return expectOk(await harbour.docker.engine.listContainers(keepLabels(name)));
  }
  async function volumes(name: string): Promise<string[]> {
    return expectOk(await harbour.docker.engine.listVolumes(keepLabels(name))).map((volume) => volume.name);
  }
  const held = async (name: string): Promise<number[]> => [(await keepers(name)).length, (await volumes(name)).length];
  const specOf = (name: string, update: object) =>
    harbour.spec(name, image, { secrets: [{ secret: 'password' }], update, rollback: update });
  const deployed = async (name: string, update: object) =>
    expect((await harbour.rollOut(specOf(name, update))).stage).toMatchObject({ outcome: 'succeeded' });
  async function rollOut(name: string): Promise<void> {
    await harbour.orchestrator.secrets.rollOut(harbourProject, 'password');
    expect((await harbour.settled(harbour.id(name))).stage).toMatchObject({ outcome: 'succeeded' });
  }
  async function read(name: string): Promise<string> {
    const replica = harbour.view(name).replicas.find(({ state }) => state === 'healthy');
    const run = await harbour.docker.engine.run(replica?.containerId ?? '', ['cat', '/run/secrets/password']);
    return expectOk(run).output;
  }

  it('of older versions go with the last replica that used them', async () => {
    await deployed('rolled', {});
    expect(await held('rolled')).toEqual([1, 1]);
    await put('second');
    await rollOut('rolled');
    await harbour.until('one set is left', async () => String(await held('rolled')) === '1,1');
    expect(await read('rolled')).toBe('second');
    // And come back with a way back.
    await harbour.orchestrator.services.rollBack(harbour.id('rolled'), 1);
    await harbour.settled(harbour.id('rolled'));
    await harbour.until('one replica is left', () => harbour.view('rolled').replicas.length === 1);
    expect(await read('rolled')).toBe('first');
    await harbour.until('one set is left', async () => String(await held('rolled')) === '1,1');
    await harbour.orchestrator.services.remove(harbour.id('rolled'));
    await harbour.until('it is gone', () => harbour.store.read.service(harbour.id('rolled')) === null);
  });

  it('are kept for as long as a switch back is', async () => {
    const update = { strategy: 'blue-green', keepPreviousMs: 4_000 };
    await deployed('kept', update);
    await put('third');
    await rollOut('kept');
    expect(await held('kept')).toEqual([2, 2]);
    await harbour.until('the ones of before are let go', async () => String(await held('kept')) === '1,1');
    expect(await read('kept')).toBe('third');
  });

  it('that a killed app left behind go with its next start', async () => {
    await deployed('left', {});
    const [keeper] = await keepers('left');
    harbour.orchestrator.dispose();
    // As after a kill between the two steps of letting a set go, and before the first of them.
    const make = (volume: string, key: string): void => {
      const labels = [...Object.entries({ ...keeper?.labels, [serviceLabel.secrets]: key })];
      const given = labels.flatMap(([label, value]) => ['--label', `${label}=${value}`]);
      execFileSync('docker', ['volume', 'create', ...given, volume]);
      if (key === 'old')
        execFileSync('docker', ['create', ...given, '-v', `${volume}:/secrets`, keeper?.image ?? '', 'true']);
    };
    make(harbour.docker.name('volume'), 'old');
    make(harbour.docker.name('volume'), 'older');
    expect(await held('left')).toEqual([2, 3]);
    await harbour.restart();
    await harbour.until('one set is left', async () => String(await held('left')) === '1,1');
    expect(await read('left')).toBe('third');
  });

  it('are rolled out to all that use them, or, where one of those would be refused, to none', async () => {
    const { engines, secrets } = harbour.orchestrator;
    const host = { id: localHost, endpoint: null, availability: 'active' as const };
    await engines.put({ ...host, labels: { disk: 'fast' } });
    await deployed('anywhere', {});
    await harbour.rollOut({
      ...specOf('bound', {}),
      constraints: [{ attribute: 'node.labels.disk', operator: '==', value: 'fast' }],
    });
    await engines.put({ ...host, labels: {} });
    await put('another');
    await expect(secrets.rollOut(harbourProject, 'password')).rejects.toThrow(
      /^The secret password was not rolled out/,
    );
    const revisions = (name: string) => harbour.store.read.service(harbour.id(name))?.revisions;
    expect([revisions('anywhere'), revisions('bound')]).toEqual([1, 1]);
    await engines.put({ ...host, labels: { disk: 'fast' } });
    const rolled = await secrets.rollOut(harbourProject, 'password');
    expect(rolled.services).toEqual(expect.arrayContaining([harbour.id('anywhere'), harbour.id('bound')]));
    for (const name of ['anywhere', 'bound']) {
      await harbour.settled(harbour.id(name));
      await harbour.until('one replica is left', () => harbour.view(name).replicas.length === 1);
    }
    expect([await read('anywhere'), await read('bound')]).toEqual(['another', 'another']);
  });
});
