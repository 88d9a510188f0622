/** The commands about services as a script uses them, against a real engine. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireDocker } from '../docker/docker.fixture.ts';
import { CliHost, type Ended } from './cli-host.fixture.ts';

const problem = await requireDocker();
const testMs = 240_000;

describe.skipIf(problem !== null)('gantry apply, service and secret', () => {
  let host: CliHost;
  let image = '';
  let newer = '';
  const gantry = (args: readonly string[], input = ''): Promise<Ended> => host.gantry(args, input);
  const file = (name: string, text: string): string => host.file(name, text);

  const stack = (reference: string): string => `kind: Secret
name: token
---
kind: Config
name: greeting
text: hello
---
kind: Service
name: api
image: ${reference}
ports: [{containerPort: 8080, publish: true}]
health: {http: /healthz, interval: 250ms}
secrets: [token]
configs: ["greeting:/etc/greeting"]
update: {monitor: 300ms}
rollback: {monitor: 300ms}
`;

  beforeAll(async () => {
    host = await CliHost.open();
    image = await host.docker.webImage('one');
    newer = await host.docker.webImage('two');
    await host.start('--without-agents');
  }, testMs);

  afterAll(async () => {
    await gantry(['service', 'rm', 'api', '--yes']);
    await host.dispose();
  }, testMs);

  it(
    'refuses a file whose secret is missing, deploys it once that is set, and changes nothing the second time',
    async () => {
      const path = file('stack.yaml', stack(image));
      const refused = await gantry(['apply', '-f', path, '--yes']);
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.stdout).toContain('gantry secret set token');
      expect(await gantry(['service', 'ls', '--json'])).toMatchObject({ code: 0, stdout: '[]\n' });

      const set = await gantry(['secret', 'set', 'token'], 's3cret\n');
      expect(set, set.stderr).toMatchObject({ code: 0 });
      const secrets = await gantry(['secret', 'ls', '--json']);
      expect(JSON.parse(secrets.stdout)).toMatchObject([{ name: 'token', versions: [{ version: 1, sizeBytes: 6 }] }]);
      expect(secrets.stdout).not.toContain('s3cret');

      const dry = await gantry(['apply', '-f', path, '--dry-run', '--json']);
      expect(dry, dry.stderr).toMatchObject({ code: 0 });
      const actions = JSON.parse(dry.stdout).entries.map((each: { action: string }) => each.action);
      expect(actions).toEqual(['unchanged', 'create', 'create']);

      const unasked = await gantry(['apply', '-f', path]);
      expect(unasked).toMatchObject({ code: 1 });
      expect(unasked.stderr).toContain('--yes');

      const applied = await gantry(['apply', '-f', path, '--yes', '--json']);
      expect(applied, applied.stderr).toMatchObject({ code: 0 });
      expect(JSON.parse(applied.stdout)).toMatchObject({
        outcome: 'done',
        deployed: [{ revision: 1, unchanged: false }],
      });

      const again = await gantry(['apply', '-f', path, '--yes', '--json']);
      expect(again, again.stderr).toMatchObject({ code: 0 });
      expect(JSON.parse(again.stdout).deployed).toMatchObject([{ revision: 1, unchanged: true }]);

      const told = await gantry(['service', 'exec', 'api', '--', 'cat', '/run/secrets/token', '/etc/greeting']);
      expect(told, told.stderr).toMatchObject({ code: 0 });
      expect(told.stdout).toBe('s3crethello');
      expect(await gantry(['service', 'exec', 'api', '--', 'sh', '-c', 'exit 7'])).toMatchObject({ code: 7 });
    },
    testMs,
  );

  it(
    'deploys another image, goes back, scales, and exports what applies without a change',
    async () => {
      const deployed = await gantry(['service', 'deploy', 'api', '--image', newer, '--yes']);
      expect(deployed, deployed.stderr).toMatchObject({ code: 0 });
      expect(deployed.stderr).toContain('revision 2 serves');
      const back = await gantry(['service', 'rollback', 'api']);
      expect(back, back.stderr).toMatchObject({ code: 0 });
      const [rolledBack] = JSON.parse((await gantry(['service', 'ls', '--json'])).stdout);
      expect(rolledBack).toMatchObject({ name: 'api', servingRevision: 1 });

      const scaled = await gantry(['service', 'scale', 'api', '2']);
      expect(scaled, scaled.stderr).toMatchObject({ code: 0 });
      const [two] = JSON.parse((await gantry(['service', 'ls', '--json'])).stdout);
      expect(two).toMatchObject({ wanted: 2 });

      const exported = await gantry(['service', 'export']);
      expect(exported, exported.stderr).toMatchObject({ code: 0 });
      const same = await gantry(['apply', '-f', file('exported.yaml', exported.stdout), '--dry-run', '--json']);
      const actions = JSON.parse(same.stdout).entries.map((each: { action: string }) => each.action);
      expect(actions).toEqual(['unchanged', 'unchanged', 'unchanged']);
    },
    testMs,
  );

  it(
    'shows, reads logs, proves under load, and brings a new version of a secret to what uses it',
    async () => {
      const shown = await gantry(['service', 'show', 'api']);
      expect(shown, shown.stderr).toMatchObject({ code: 0 });
      expect(shown.stdout).toMatch(/api\.1 +healthy/);
      const lines = await gantry(['service', 'logs', 'api', '--tail', '5']);
      expect(lines, lines.stderr).toMatchObject({ code: 0 });
      const proved = await gantry(['service', 'prove', 'api', '--for', '2s', '--rate', '20', '--json']);
      expect(proved, proved.stderr).toMatchObject({ code: 0 });
      expect(JSON.parse(proved.stdout)).toMatchObject({ failed: 0, state: 'ended' });

      expect(await gantry(['secret', 'set', 'token'], 'other')).toMatchObject({ code: 0 });
      expect(await gantry(['secret', 'rotate-key'])).toMatchObject({ code: 0 });
      const rolledOut = await gantry(['secret', 'rollout', 'token']);
      expect(rolledOut, rolledOut.stderr).toMatchObject({ code: 0 });
      expect(await gantry(['service', 'exec', 'api', '--', 'cat', '/run/secrets/token'])).toMatchObject({
        code: 0,
        stdout: 'other',
      });
      const inUse = await gantry(['secret', 'rm', 'token']);
      expect(inUse).toMatchObject({ code: 1, stdout: '' });
      const notHeld = await gantry(['service', 'promote', 'api']);
      expect(notHeld.stderr).toContain('no rollout under way');
      for (const listing of ['config ls', 'volume ls', 'node ls', 'image ls', 'preview ls']) {
        const listed = await gantry([...listing.split(' '), '--json']);
        expect(listed, `${listing}: ${listed.stderr}`).toMatchObject({ code: 0 });
        expect(Array.isArray(JSON.parse(listed.stdout))).toBe(true);
      }
    },
    testMs,
  );

  it(
    'answers 1 when a rollout fails, and what served before serves on',
    async () => {
      const failing = stack(newer)
        .replace('/healthz', '/nowhere')
        .replace('update: {monitor: 300ms}', 'update: {healthDeadline: 2s}');
      const applied = await gantry(['apply', '-f', file('failing.yaml', failing), '--yes']);
      expect(applied, `${applied.stdout}${applied.stderr}`).toMatchObject({ code: 1 });
      expect(applied.stderr).toContain('does not serve');
      const [service] = JSON.parse((await gantry(['service', 'ls', '--json'])).stdout);
      expect(service.replicas.some((each: { state: string }) => each.state === 'healthy')).toBe(true);
    },
    testMs,
  );
});
