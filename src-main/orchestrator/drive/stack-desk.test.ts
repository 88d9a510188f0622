import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GantryError } from '#shared/contract/error.ts';
import { mainStack, type SecretName } from '#shared/model/service-ids.ts';
import { requireDocker } from '../../docker/docker.fixture.ts';
import { Harbour, harbourProject } from '../harbour.fixture.ts';

const problem = await requireDocker();
const testMs = 180_000;

describe.skipIf(problem !== null)('StackDesk', () => {
  let harbour: Harbour;
  let image = '';

  beforeAll(async () => {
    harbour = await Harbour.open();
    image = await harbour.docker.webImage('one');
    await harbour.until('the engine answers', () =>
      harbour.orchestrator.views.hosts().some((host) => host.engine.state === 'ready'),
    );
  }, testMs);
  afterAll(() => harbour.dispose(), testMs);

  const file = (text: string) => ({
    projectId: harbourProject,
    stack: mainStack,
    format: 'gantry' as const,
    fileName: 'stack.yaml',
    text,
    env: {},
  });
  const plan = (text: string) => harbour.orchestrator.stacks.plan(file(text));
  const apply = (text: string, fingerprint: string | null = null) =>
    harbour.orchestrator.stacks.apply({ ...file(text), fingerprint });
  const service = (name: string, more = ''): string =>
    `kind: Service\nname: ${name}\nimage: ${image}\nports: ["8080"]\nhealth: {http: /healthz, interval: 200ms}\nupdate: {monitor: 200ms}\n${more}`;
  const refusal = (asked: Promise<unknown>): Promise<GantryError> =>
    asked.then(
      () => Promise.reject(new Error('It was not refused.')),
      (error: GantryError) => error,
    );
  const nothingIsThere = (): void => {
    expect(harbour.store.read.services(harbourProject)).toEqual([]);
    expect(harbour.store.read.configs(harbourProject)).toEqual([]);
    expect(harbour.store.read.volumes(harbourProject)).toEqual([]);
  };

  const given = 'kind: Config\nname: site\ntext: hello\n---\nkind: Volume\nname: data\n---\n';

  it('touches nothing of a file of which one thing is blocked', async () => {
    const text = `${given}${service('web')}---\n${service('api', 'secrets: [missing]\n')}`;
    const planned = await plan(text);
    expect(planned.entries.map(({ name, action }) => `${name} ${action}`)).toEqual([
      'site create',
      'data create',
      'web create',
      'api blocked',
    ]);
    expect(await refusal(apply(text))).toMatchObject({ code: 'preflight-failed' });
    nothingIsThere();
  });

  it('blocks two services of a file that publish the same port, before either is deployed', async () => {
    const of = (name: string) => service(name).replace('"8080"', '"21987:8080"');
    const text = `${of('a')}---\n${of('b')}`;
    expect((await plan(text)).entries.map(({ action }) => action)).toEqual(['blocked', 'blocked']);
    const refused = await refusal(apply(text));
    expect(refused.message).toContain('21987 belongs to');
    nothingIsThere();
  });

  it(
    'puts what services need, deploys dependencies first, and changes nothing the second time',
    async () => {
      const text = `${given}${service('api', 'dependsOn: [db]\nconfigs: ["site:/etc/site"]\nvolumes: ["data:/data"]\n')}---\n${service('db')}`;
      const planned = await plan(text);
      const { deployed } = await apply(text, planned.fingerprint);
      expect(deployed.map(({ serviceId, unchanged }) => [serviceId, unchanged])).toEqual([
        [harbour.id('db'), false],
        [harbour.id('api'), false],
      ]);
      expect((await harbour.settled(harbour.id('db'))).stage).toMatchObject({ outcome: 'succeeded' });
      expect((await harbour.settled(harbour.id('api'))).stage).toMatchObject({ outcome: 'succeeded' });

      const again = await apply(text);
      expect(again.plan.entries.every(({ action }) => action === 'unchanged')).toBe(true);
      expect(again.deployed.every(({ unchanged, revision }) => unchanged && revision === 1)).toBe(true);
      expect(harbour.store.read.config(harbourProject, 'site' as SecretName)?.versions).toHaveLength(1);

      const exported = await harbour.orchestrator.stacks.export(harbourProject, mainStack, 'gantry');
      expect((await plan(exported.text)).entries.every(({ action }) => action === 'unchanged')).toBe(true);

      const otherText = text.replace('text: hello', 'text: bye');
      const changed = await plan(otherText);
      expect(changed.entries.map(({ name, action }) => `${name} ${action}`)).toEqual([
        'site change',
        'data unchanged',
        'db unchanged',
        'api change',
      ]);
      expect(changed.entries.at(-1)?.changes).toMatchObject([{ text: 'config site changed' }]);

      const circle = `${service('db', 'dependsOn: [api]\n')}`;
      expect((await plan(circle)).entries).toMatchObject([{ action: 'blocked' }]);
      const otherDriver = await plan('kind: Volume\nname: data\noptions: {type: nfs}\n');
      expect(otherDriver.entries).toMatchObject([{ action: 'blocked' }]);
    },
    testMs,
  );

  it(
    'refuses a plan that something has changed since, and does nothing',
    async () => {
      const text = service('db', 'env: {A: "1"}\n');
      const { fingerprint } = await plan(text);
      await harbour.rollOut(harbour.spec('db', image, { env: { B: '2' } }));
      const { revisions } = harbour.view('db');
      expect(await refusal(apply(text, fingerprint))).toMatchObject({ code: 'outdated-plan' });
      expect(harbour.view('db').revisions).toBe(revisions);
    },
    testMs,
  );
});
