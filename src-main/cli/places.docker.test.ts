/** The commands about rollouts under way, volumes, nodes, images and previews, against a real engine. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireDocker } from '../docker/docker.fixture.ts';
import { CliHost } from './cli-host.fixture.ts';

const problem = await requireDocker();
const testMs = 240_000;

interface Shown {
  readonly name: string;
  readonly stack: string;
  readonly status: string;
  readonly servingRevision: number | null;
  readonly rollout: unknown;
  readonly replicas: readonly { readonly containerId: string; readonly state: string }[];
}

describe.skipIf(problem !== null)('gantry service, volume, node, image, preview', { timeout: testMs }, () => {
  let host: CliHost;
  let image = '';
  let newer = '';

  const done = async (line: string, input = ''): Promise<string> => {
    const ended = await host.gantry(line.split(' '), input);
    expect(ended, `gantry ${line}: ${ended.stdout}${ended.stderr}`).toMatchObject({ code: 0 });
    return `${ended.stdout}${ended.stderr}`;
  };
  const refused = async (line: string): Promise<string> => {
    const ended = await host.gantry(line.split(' '));
    expect(ended, `gantry ${line}: ${ended.stdout}${ended.stderr}`).toMatchObject({ code: 1, stdout: '' });
    return ended.stderr;
  };
  const service = async (wanted: string): Promise<Shown> => {
    const all = await host.json<Shown[]>('service ls');
    const found = all.find(({ name, stack }) => name === wanted && stack === 'main');
    if (found === undefined) throw new Error(`There is no service ${wanted}.`);
    return found;
  };
  const web = (): Promise<Shown> => service('web');
  const until = async (what: string, isTrue: () => Promise<boolean>): Promise<void> => {
    for (let attempt = 0; attempt < 120; attempt += 1) {
      if (await isTrue()) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new Error(`It did not come about that ${what}. ${await done('service show web')}`);
  };
  const file = (reference: string): string => `kind: Service
name: web
image: ${reference}
ports: [{containerPort: 8080, publish: true}]
health: {http: /healthz, interval: 250ms}
update: {strategy: canary, monitor: 300ms, keepPrevious: 0s, canarySteps: [{weightPercent: 20, hold: until-promoted}]}
`;

  beforeAll(async () => {
    host = await CliHost.open();
    image = await host.docker.webImage('one');
    newer = await host.docker.webImage('two');
    host.commit({
      Dockerfile: `FROM ${image}\nCOPY index.html /www/index.html\n`,
      'index.html': 'main',
      'gantry.services.yaml':
        'kind: Service\nname: web\nbuild: .\nports: [{containerPort: 8080, publish: true}]\nhealth: {http: /healthz, interval: 250ms}\nstopGrace: 1s\nupdate: {monitor: 200ms}\n',
    });
    await host.start();
    const db = `kind: Service\nname: db\nimage: ${image}\nvolumes: ["data:/data"]\nupdate: {monitor: 300ms}\n`;
    await Promise.all([
      done(`apply -f ${host.file('web.yaml', file(image))} --yes`),
      done(`apply -f ${host.file('db.yaml', db)} --yes`),
    ]);
  }, testMs);

  afterAll(async () => {
    for (const name of ['web', 'db']) await host.gantry(['service', 'rm', name, '--yes']);
    await host.dispose();
  }, testMs);

  it('a canary is paused, resumed, promoted; the next one is aborted; replicas are replaced', async () => {
    await done(`service deploy web --image ${newer} --yes --detach`);
    await until('it takes a share', async () => (await done('service show web')).includes('20 % of the traffic'));
    expect(await done('service pause web')).toContain('The rollout of web is held.');
    expect(await done('service show web')).toContain('‖');
    await done('service resume web --detach');
    expect(await done('service promote web')).toContain('revision 2 serves');
    expect(await web()).toMatchObject({ servingRevision: 2, rollout: null });

    await done('service deploy web --env A=1 --yes --detach');
    await until('it takes a share', async () => (await done('service show web')).includes('20 % of the traffic'));
    expect(await done('service abort web')).toContain('revision 2 serves');
    expect(await web()).toMatchObject({ servingRevision: 2, rollout: null });
    expect(await refused('service pause web')).toContain('no rollout under way. Nothing was changed.');

    const before = (await web()).replicas.map(({ containerId }) => containerId);
    const restarting = host.gantry(['service', 'restart', 'web']);
    await until('the new ones take a share', async () =>
      (await done('service show web')).includes('20 % of the traffic'),
    );
    await done('service promote web');
    expect(await restarting).toMatchObject({ code: 0 });
    await until('only new ones are left', async () =>
      (await web()).replicas.every(({ containerId }) => !before.includes(containerId)),
    );
    expect(await refused('service rollback web --to 99')).toContain('99');
    expect(await refused('service show mail')).toContain('There are db, web.');
  });

  it('a volume is backed up, and put back while nothing runs', async () => {
    await done('service exec db -- cp /www/index.html /data/note');
    const made = await host.json<{ id: string }>('volume backup data');
    const [volume] = await host.json<{ name: string; backups: { id: string }[] }[]>('volume ls');
    expect(volume).toMatchObject({ name: 'data' });
    expect(volume?.backups.map(({ id }) => id)).toContain(made.id);
    await done('service exec db -- rm /data/note');
    expect(await refused('volume restore data --yes')).toContain('db');
    expect(await refused('volume restore data')).toContain('say --yes. Nothing was changed.');
    await done('service scale db 0');
    await until('nothing runs', async () => (await service('db')).replicas.length === 0);
    expect(await done(`volume restore data --backup ${made.id} --yes`)).toContain('data is as in');
    await done('service scale db 1');
    expect(await done('service exec db -- cat /data/note')).toBe('one');
    expect(await refused('volume rm data --yes')).toContain('db');
    expect(await refused('volume backup nothing')).toMatch(/nothing/);
  });

  it('a secret that nothing uses and a config are set, listed and removed', async () => {
    await done('secret set spare', 'unused\n');
    expect(await host.json('secret rm spare')).toEqual({ removed: 'spare' });
    expect(await host.json('secret ls')).toEqual([]);
    await done(`config set site --from-file ${host.file('site.conf', 'hello')}`);
    expect(await host.json('config ls')).toMatchObject([{ name: 'site', text: 'hello', usedBy: [] }]);
    expect(await host.json('config rm site')).toEqual({ removed: 'site' });
    expect(await host.json('config ls')).toEqual([]);
    expect(await refused('config rm site')).toContain('site');
  });

  it('a node is drained and used again; another is added, labelled and forgotten', async () => {
    expect(await done('node ls')).toMatch(/local +Docker/);
    await done('node drain local');
    expect(await host.json('node ls')).toMatchObject([{ id: 'local', availability: 'drain' }]);
    await until('it says why replicas stay', async () => (await done('service show web')).includes('1 drained'));
    await done('node activate local');
    expect(await refused('node drain elsewhere')).toContain('There is no host elsewhere');
    expect(await refused('node add far')).toContain('gantry node add far --endpoint tcp://HOST:PORT');
    await done('node add far --endpoint unix:///nowhere.sock --label zone=eu');
    const nodes = await host.json<{ id: string; labels: unknown }[]>('node ls');
    expect(nodes.find(({ id }) => id === 'far')).toMatchObject({ labels: { zone: 'eu' } });
    await done('node rm far');
    expect(await host.json('node ls')).toHaveLength(1);
  });

  it('a lane’s branch is previewed, promoted and taken away, and a prune takes what is left over', async () => {
    const plan = host.file('plan.yaml', 'tasks:\n  - {id: page, title: Change the page, prompt: Change it.}\n');
    const agent = 'command:echo "the branch" > index.html; sleep 600';
    const running = host.spawn(['run', '--repo', host.repository, '--plan', plan, '--agents', '1', '--agent', agent]);
    try {
      await until('the lane has written its page', async () =>
        (await host.json<{ changes: unknown; number: number }[]>('lanes')).some(({ changes }) => changes !== null),
      );
      expect(await refused('preview open 1')).toContain('gantry preview start 1');
      expect(await done('preview start 1')).toContain('The preview of lane 1 runs.');
      const { urls } = await host.json<{ urls: string[] }>('preview open 1');
      expect(await (await fetch(urls[0] ?? '')).text()).toBe('the branch\n');
      expect(await done('preview ls')).toContain(urls[0]);
      expect(await refused('preview start 9')).toContain('There is no lane "9"');

      const promoting = host.gantry(['preview', 'promote', 'lane-1']);
      await until('it takes a share', async () => (await done('service show web')).includes('20 % of the traffic'));
      await done('service promote web');
      expect(await promoting).toMatchObject({ code: 0 });
      expect(await done('service exec web -- cat /www/index.html')).toBe('the branch\n');
      await done('preview stop 1');
      await until('it is gone', async () => (await host.json<unknown[]>('preview ls')).length === 0);
    } finally {
      const gone = new Promise((resolve) => running.once('close', resolve));
      running.kill('SIGINT');
      await gone;
    }

    await done('service rm web --yes');
    await done('service rm db --yes');
    const dry = await host.json<{ images: { tags: string[] }[] }>('image prune --dry-run');
    expect(dry.images.flatMap(({ tags }) => tags).join()).toContain('/web:');
    const unasked = await host.gantry(['image', 'prune']);
    expect(unasked).toMatchObject({ code: 1 });
    expect(unasked.stderr).toContain('say --yes. Nothing was changed.');
    expect(await done('image prune --yes')).toContain('are free again');
    expect(await done('image prune --yes')).toContain('Nothing is left over.');
    expect(await done('volume rm data --yes')).toContain('The volume data is removed.');
  });
});
