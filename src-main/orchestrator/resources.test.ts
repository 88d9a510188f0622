import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mainStack } from '#shared/model/service-ids.ts';
import { expectOk, requireDocker } from '../docker/docker.fixture.ts';
import { Harbour, harbourProject } from './harbour.fixture.ts';

const problem = await requireDocker();

describe.skipIf(problem !== null)('what services are given', { timeout: 120_000 }, () => {
  let harbour: Harbour;
  let image: string;

  beforeAll(async () => {
    harbour = await Harbour.open();
    image = await harbour.docker.webImage('one');
  }, 60_000);
  afterAll(() => harbour.dispose(), 60_000);

  function containerOf(name: string): string {
    const replica = harbour.view(name).replicas.find((each) => each.state === 'healthy');
    if (replica === undefined) throw new Error(`${name} has no healthy replica`);
    return replica.containerId;
  }

  async function read(name: string, path: string): Promise<string> {
    const { output } = expectOk(await harbour.docker.engine.run(containerOf(name), ['cat', path]));
    return output;
  }

  it('a secret is a file in memory, and nowhere else in the clear', async () => {
    const value = 'correct horse battery staple';
    await harbour.orchestrator.secrets.put(harbourProject, 'password', Buffer.from(value));
    const spec = harbour.spec('vaulted', image, { secrets: [{ secret: 'password' }] });
    expect((await harbour.rollOut(spec)).stage).toMatchObject({ outcome: 'succeeded' });
    expect(await read('vaulted', '/run/secrets/password')).toBe(value);

    const inspected = execFileSync('docker', ['inspect', containerOf('vaulted')], { encoding: 'utf8' });
    expect(inspected).not.toContain(value);
    expect(inspected).not.toContain(Buffer.from(value).toString('base64'));
    const stored = JSON.stringify(harbour.store.read.secrets(harbourProject));
    expect(stored).not.toContain(value);
    expect(stored).not.toContain(Buffer.from(value).toString('base64'));
    const mounts = expectOk(await harbour.docker.engine.run(containerOf('vaulted'), ['cat', '/proc/mounts'])).output;
    expect(mounts).toMatch(/tmpfs \/run\/secrets tmpfs ro/);
    expect(harbour.warnings.join('\n')).not.toContain(value);
  });

  it('a secret is there again after its replica and its keeper were killed', async () => {
    const before = containerOf('vaulted');
    const { engine, instance } = harbour.docker;
    const keepers = expectOk(await engine.listContainers({ 'gantry.instance': instance, 'gantry.role': 'keeper' }));
    for (const { id } of keepers) expectOk(await engine.killContainer(id, 'SIGKILL'));
    expectOk(await engine.killContainer(before, 'SIGKILL'));
    await harbour.until('another replica serves', () =>
      harbour.view('vaulted').replicas.some((each) => each.state === 'healthy' && each.containerId !== before),
    );
    expect(await read('vaulted', '/run/secrets/password')).toBe('correct horse battery staple');
  });

  it('a new version reaches a service only when it is rolled out', async () => {
    const { secrets } = harbour.orchestrator;
    expect(await secrets.put(harbourProject, 'password', Buffer.from('second'))).toEqual({ version: 2 });
    expect(await read('vaulted', '/run/secrets/password')).toBe('correct horse battery staple');
    await secrets.rollOut(harbourProject, 'password');
    await harbour.settled(harbour.id('vaulted'));
    await harbour.until('only the new replica is left', () => harbour.view('vaulted').replicas.length === 1);
    expect(await read('vaulted', '/run/secrets/password')).toBe('second');
    await expect(secrets.remove(harbourProject, 'password')).rejects.toMatchObject({ code: 'wrong-state' });
  });

  it('the master key is changed without touching what runs', async () => {
    const before = containerOf('vaulted');
    const rotated = await harbour.orchestrator.secrets.rotateKey();
    expect(rotated.secrets).toBe(1);
    const [secret] = harbour.orchestrator.views.secrets(harbourProject);
    expect(new Set(secret?.versions.map((version) => version.keyId))).toEqual(new Set([rotated.keyId]));
    expect(containerOf('vaulted')).toBe(before);
    await harbour.restart();
    await harbour.orchestrator.services.scale(harbour.id('vaulted'), 2);
    await harbour.settled(harbour.id('vaulted'));
    expect(await read('vaulted', '/run/secrets/password')).toBe('second');
  });

  it('a secret that is missing is told before anything is touched', async () => {
    const spec = harbour.spec('poor', image, { secrets: [{ secret: 'nowhere' }] });
    await expect(harbour.deploy(spec)).rejects.toMatchObject({
      code: 'preflight-failed',
      message: expect.stringContaining('The secret nowhere has no value'),
    });
    expect(harbour.store.read.service(harbour.id('poor'))).toBeNull();
  });

  it('a config is a file of the revision that names it', async () => {
    await harbour.orchestrator.secrets.putConfig(harbourProject, 'motd', 'hello');
    const spec = harbour.spec('configured', image, { configs: [{ config: 'motd', target: '/etc/app/motd' }] });
    await harbour.rollOut(spec);
    expect(await read('configured', '/etc/app/motd')).toBe('hello');
  });

  it('a volume keeps its data over revisions, is backed up before a way back, and can be restored', async () => {
    const spec = harbour.spec('kept', image, { mounts: [{ kind: 'volume', volume: 'data', target: '/data' }] });
    await harbour.rollOut(spec);
    const { engine } = harbour.docker;
    expectOk(await engine.run(containerOf('kept'), ['sh', '-c', 'echo first > /data/note']));
    await harbour.rollOut({ ...spec, env: { VERSION: '2' } });
    expect(await read('kept', '/data/note')).toBe('first\n');

    await harbour.orchestrator.services.rollBack(harbour.id('kept'), 1);
    await harbour.settled(harbour.id('kept'));
    await harbour.until('the backup is listed', () => volume()?.backups.length === 1);
    const backup = volume()?.backups[0];
    expect(backup).toMatchObject({ why: 'before kept went back to revision 1' });

    const at = { projectId: harbourProject, stack: mainStack, name: 'data' as never };
    const restore = { ...at, backupId: backup?.id ?? '' };
    expectOk(await engine.run(containerOf('kept'), ['sh', '-c', 'echo second > /data/note']));
    await expect(harbour.orchestrator.volumes.restore(restore)).rejects.toMatchObject({ code: 'wrong-state' });
    await harbour.orchestrator.services.scale(harbour.id('kept'), 0);
    await harbour.until('nothing of it runs', () => harbour.view('kept').replicas.length === 0);
    await harbour.orchestrator.volumes.restore(restore);
    await harbour.orchestrator.services.scale(harbour.id('kept'), 1);
    await harbour.settled(harbour.id('kept'));
    await harbour.until('it serves', () => harbour.view('kept').status === 'healthy');
    expect(await read('kept', '/data/note')).toBe('first\n');

    function volume() {
      return harbour.orchestrator.views.volumes(harbourProject).find((each) => each.name === 'data');
    }
  });
});
