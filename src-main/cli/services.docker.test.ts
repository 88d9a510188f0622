/** The commands about services as a script uses them, against a real engine. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DockerFixture, expectOk, requireDocker } from '../docker/docker.fixture.ts';
import { serviceLabel } from '../ports/service-labels.ts';

const problem = await requireDocker();
const program = fileURLToPath(new URL('./main.ts', import.meta.url));
const headless = fileURLToPath(new URL('../headless/main.ts', import.meta.url));
const testMs = 240_000;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe.skipIf(problem !== null)('gantry apply, service and secret', () => {
  const home = mkdtempSync(join(tmpdir(), 'gantry-cli-'));
  const repository = join(home, 'repository');
  let docker: DockerFixture;
  let host: ReturnType<typeof spawn>;
  let image = '';
  let newer = '';

  function gantry(args: readonly string[], input = ''): Promise<Ended> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [program, ...args], {
        env: { ...process.env, GANTRY_HOME: join(home, 'data') },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
      child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
      child.once('close', (code) => resolve({ code, stdout, stderr }));
      child.stdin.end(input);
    });
  }

  /** What the host of this run made on the engine, by its own label. */
  async function removeOwn(): Promise<void> {
    const instance = readFileSync(join(home, 'data', 'services', 'instance'), 'utf8').trim();
    if (instance === '') throw new Error('The host has no instance, so nothing is known to be its own.');
    const isOwn = (each: { labels: Readonly<Record<string, string>> }): boolean =>
      each.labels[serviceLabel.instance] === instance;
    for (const each of expectOk(await docker.engine.listContainers({})).filter(isOwn)) {
      expectOk(await docker.engine.removeContainer(each.id));
    }
    for (const each of expectOk(await docker.engine.listNetworks({})).filter(isOwn)) {
      expectOk(await docker.engine.removeNetwork(each.name));
    }
    for (const each of expectOk(await docker.engine.listVolumes({})).filter(isOwn)) {
      expectOk(await docker.engine.removeVolume(each.name));
    }
  }

  function file(name: string, text: string): string {
    const path = join(home, name);
    writeFileSync(path, text);
    return path;
  }

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
update: {monitor: 500ms}
`;

  beforeAll(async () => {
    docker = await DockerFixture.open();
    image = await docker.webImage('one');
    newer = await docker.webImage('two');
    execFileSync('git', ['init', '-q', '-b', 'main', repository]);
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
    execFileSync('git', ['-C', repository, ...identity, 'commit', '-q', '--allow-empty', '-m', 'first']);
    host = spawn(
      process.execPath,
      [headless, '--port', '0', '--no-open', '--without-agents', '--until-stdin-closes', '--repo', repository],
      { env: { ...process.env, GANTRY_HOME: join(home, 'data') }, stdio: ['pipe', 'ignore', 'inherit'] },
    );
    for (let attempt = 0; attempt < 60; attempt += 1) {
      const looked = await gantry(['status', '--json']);
      if (looked.code === 0 && JSON.parse(looked.stdout).length === 1) return;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    throw new Error('The host did not start.');
  }, testMs);

  afterAll(async () => {
    await gantry(['service', 'rm', 'api', '--yes']);
    await new Promise<void>((resolve) => {
      if (host.exitCode !== null) return resolve();
      host.once('exit', () => resolve());
      host.stdin?.end();
    });
    await removeOwn();
    await docker.removeAll();
    rmSync(home, { recursive: true, force: true });
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
      const failing = stack(newer).replace('/healthz', '/nowhere').replace('monitor: 500ms', 'healthDeadline: 3s');
      const applied = await gantry(['apply', '-f', file('failing.yaml', failing), '--yes']);
      expect(applied, `${applied.stdout}${applied.stderr}`).toMatchObject({ code: 1 });
      expect(applied.stderr).toContain('does not serve');
      const [service] = JSON.parse((await gantry(['service', 'ls', '--json'])).stdout);
      expect(service.replicas.some((each: { state: string }) => each.state === 'healthy')).toBe(true);
    },
    testMs,
  );
});
