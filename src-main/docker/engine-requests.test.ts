// What is sent to an engine: specs, environment and logins stay out of addresses and of the log.
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import type { ContainerEngine, ContainerSpec } from '../ports/engine.ts';
import { once, settledState } from './docker.fixture.ts';
import { bareSurroundings, docker29, FakeEngine, json, keepingLog, SocketFolder } from './fake-engine.fixture.ts';
import { openDockerEngine } from './open-docker-engine.ts';

const secret = 'hunter2-&-$ecret';
const digest = `sha256:${'a'.repeat(64)}`;
let folder: SocketFolder;
let fake: FakeEngine;
let engine: ContainerEngine;
const log = keepingLog();

const spec: ContainerSpec = {
  name: 'web 1/ä',
  image: 'web:1',
  entrypoint: null,
  command: ['serve', `--token=${secret}`],
  env: { TOKEN: secret },
  labels: { note: secret },
  workingDirectory: null,
  user: null,
  hostname: null,
  networks: [
    { network: 'front', aliases: ['web'] },
    { network: 'back', aliases: ['web', 'api'] },
  ],
  publish: [{ containerPort: 80, address: '127.0.0.1', hostPort: 0 }],
  mounts: [{ kind: 'volume', volume: 'data', target: '/data', readOnly: true }],
  cpus: 1.5,
  memoryBytes: 64_000_000,
  pids: 50,
  restart: 'unless-stopped',
  health: { command: ['check', secret], intervalMs: 1_000, timeoutMs: 500, retries: 2, startPeriodMs: 0 },
  stopSignal: 'SIGINT',
  stopGraceMs: 1_500,
  logBytesMax: 1_000_000,
  isReadOnly: true,
  dropCapabilities: ['ALL'],
};

beforeEach(async () => {
  folder = new SocketFolder();
  fake = await FakeEngine.listen(folder.socket, (request, path, response) => {
    if (path === '/containers/create') return json(response, 201, { Id: 'c1', Warnings: [] });
    if (path.endsWith('/connect')) return json(response, 200, {});
    if (path.endsWith('/exec')) return json(response, 201, { Id: 'e1' });
    if (path === '/images/create' || path === '/build') {
      response.end(
        `{"status":"Downloading","id":"l1","progressDetail":{"current":5,"total":10}}\n{"aux":{"ID":"${digest}"}}\n`,
      );
      return true;
    }
    if (/^\/images\/.*\/json$/.test(path)) return json(response, 200, { Id: digest, RepoTags: ['web:1'] });
    if (path === '/volumes/create') return json(response, 201, { Name: 'v', Driver: 'local' });
    return request.method === 'PUT' && json(response, 200, {});
  });
  const config = { auths: { 'registry.example': { auth: Buffer.from(`ada:${secret}`).toString('base64') } } };
  const surroundings = bareSurroundings({}, { '/home/ada/.docker/config.json': JSON.stringify(config) });
  engine = openDockerEngine({
    endpoint: `unix://${folder.socket}`,
    instance: 'i',
    clock: systemClock,
    log,
    surroundings,
  });
  await settledState(engine);
});

afterEach(async () => {
  engine.dispose();
  await fake.close();
  folder.dispose();
});

function sent(path: string) {
  const request = fake.requests.find(({ url }) => url.split('?')[0] === `/v1.52${path}`);
  if (request === undefined)
    throw new Error(`${path} was not asked: ${fake.requests.map(({ url }) => url).join(', ')}`);
  return request;
}

describe('requests', () => {
  it('carry nothing of a spec in their address', async () => {
    expect(await engine.createContainer(spec)).toEqual({ ok: true, value: { id: 'c1' } });
    await engine.exec('c1', ['login', secret], null);
    await engine.ensureVolume({ name: 'v', driver: 'local', options: { password: secret }, labels: {} });
    await engine.putArchive('c1', '/run/secrets', Buffer.from(secret));
    for (const { url } of fake.requests)
      expect(decodeURIComponent(url)).not.toContain('ecret-'.slice(0, 5).concat('-'));
    for (const { url } of fake.requests) {
      for (const word of [secret, encodeURIComponent(secret), 'TOKEN', 'hunter2', 'Env', 'HostConfig'])
        expect(url).not.toContain(word);
    }
    expect(JSON.stringify(log.lines)).not.toContain('hunter2');
  });

  it('make a container of its whole spec', async () => {
    await engine.createContainer(spec);
    const create = sent('/containers/create');
    expect(create.url).toContain(`name=${encodeURIComponent('web 1/ä')}`);
    expect(JSON.parse(create.body)).toEqual({
      Image: 'web:1',
      Cmd: ['serve', `--token=${secret}`],
      StopSignal: 'SIGINT',
      StopTimeout: 2,
      Healthcheck: { Test: ['CMD', 'check', secret], Interval: 1e9, Timeout: 5e8, Retries: 2, StartPeriod: 0 },
      Env: [`TOKEN=${secret}`],
      Labels: { note: secret },
      ExposedPorts: { '80/tcp': {} },
      HostConfig: {
        NetworkMode: 'front',
        PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
        Mounts: [{ Type: 'volume', Source: 'data', Target: '/data', ReadOnly: true }],
        NanoCpus: 1_500_000_000,
        Memory: 64_000_000,
        PidsLimit: 50,
        RestartPolicy: { Name: 'unless-stopped' },
        LogConfig: { Type: 'json-file', Config: { 'max-size': '500000', 'max-file': '2' } },
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
      },
      NetworkingConfig: { EndpointsConfig: { front: { Aliases: ['web'] } } },
    });
    expect(JSON.parse(sent('/networks/back/connect').body)).toEqual({
      Container: 'c1',
      EndpointConfig: { Aliases: ['web', 'api'] },
    });
  });

  it('leave no container behind that could not be connected', async () => {
    fake.answerWith((_request, path, response) => {
      if (path === '/containers/create') return json(response, 201, { Id: 'c1' });
      if (path.endsWith('/connect')) return json(response, 404, { message: 'network back not found' });
      return path === '/containers/c1' && json(response, 204, {});
    });
    expect(await engine.createContainer(spec)).toMatchObject({ ok: false, error: { reason: 'no-such-network' } });
    expect(sent('/containers/c1').method).toBe('DELETE');
  });

  it('send a login in the header of the pull that needs it, and nowhere else', async () => {
    const never = new AbortController().signal;
    const progress: unknown[] = [];
    const pulled = await engine.pullImage('registry.example/web:1', (step) => progress.push(step), never);
    expect(pulled).toMatchObject({ ok: true, value: { digest } });
    expect(progress).toEqual([{ phase: 'Downloading', line: 'l1: Downloading', currentBytes: 5, totalBytes: 10 }]);
    const pull = sent('/images/create');
    expect(pull.url).toBe('/v1.52/images/create?fromImage=registry.example%2Fweb&tag=1');
    const header = Buffer.from(String(pull.headers['x-registry-auth']), 'base64url').toString();
    expect(JSON.parse(header)).toEqual({ username: 'ada', password: secret, serveraddress: 'registry.example' });
    await engine.pullImage('elsewhere.example/web@sha256:abc', () => {}, never);
    const others = fake.requests.filter((request) => request !== pull);
    for (const { headers } of others) expect(headers['x-registry-auth']).toBeUndefined();
    expect(
      others.some(
        ({ url }) => url.includes('fromImage=elsewhere.example%2Fweb%40sha256%3Aabc') && !url.includes('tag='),
      ),
    ).toBe(true);
  });

  it('build with the classic builder from a tar, with all logins', async () => {
    const built = await engine.buildImage(
      {
        context: once(Buffer.from('TAR')),
        dockerfile: 'Dockerfile',
        target: 'final',
        args: { VERSION: '1' },
        tag: 'web:1',
        labels: { a: 'b' },
      },
      () => {},
      new AbortController().signal,
    );
    expect(built).toMatchObject({ ok: true, value: { digest } });
    const build = sent('/build');
    const query = new URL(build.url, 'http://engine').searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      version: '1',
      t: 'web:1',
      target: 'final',
      buildargs: '{"VERSION":"1"}',
    });
    expect(build.body).toBe('TAR');
    expect(build.headers['content-type']).toBe('application/x-tar');
    expect(Buffer.from(String(build.headers['x-registry-config']), 'base64url').toString()).toContain(
      'registry.example',
    );
  });

  it('escape what they name', async () => {
    await engine.removeContainer('../images/x?force=1');
    await engine.findImage('registry.example:5000/team/web:1');
    expect(fake.requests.some(({ url }) => url.startsWith('/v1.52/containers/..%2Fimages%2Fx%3Fforce%3D1?'))).toBe(
      true,
    );
    expect(fake.requests.at(-1)?.url).toBe('/v1.52/images/registry.example%3A5000/team/web%3A1/json');
  });

  it('ask for one sample at once', async () => {
    await engine.stats(['c1']);
    expect(sent('/containers/c1/stats').url).toContain('stream=false&one-shot=true');
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!hasOpenssl)('an engine behind TLS', () => {
  it('is reached with the key material of the environment, over the network', async () => {
    const certificates = folder.path;
    const openssl = (...args: string[]): void => {
      const run = spawnSync('openssl', args, { cwd: certificates, encoding: 'utf8' });
      if (run.status !== 0) throw new Error(run.stderr);
    };
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'ca-key.pem',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=ca',
      '-days',
      '1',
    );
    writeFileSync(join(certificates, 'names'), 'subjectAltName=IP:127.0.0.1\n');
    for (const name of ['server', 'client']) {
      openssl(
        'req',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        `${name}-key.pem`,
        '-out',
        `${name}.csr`,
        '-subj',
        `/CN=${name}`,
      );
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca-key.pem',
        '-CAcreateserial',
        '-out',
        `${name}.pem`,
        '-days',
        '1',
        '-extfile',
        'names',
      );
    }
    const pem = (name: string): string => readFileSync(join(certificates, name), 'utf8');
    chmodSync(certificates, 0o700);
    const clients: string[] = [];
    const server = createServer(
      {
        ca: pem('ca.pem'),
        cert: pem('server.pem'),
        key: pem('server-key.pem'),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (request, response) => {
        const socket = request.socket as TLSSocket;
        clients.push(String(socket.getPeerCertificate().subject.CN));
        const path = (request.url ?? '').split('?')[0]?.replace(/^\/v1\.52/, '') ?? '';
        if (path === '/events') response.flushHeaders();
        else json(response, 200, (docker29 as Record<string, unknown>)[path] ?? {});
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const env = { DOCKER_HOST: `tcp://127.0.0.1:${port}`, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/c' };
    const files = { '/c/ca.pem': pem('ca.pem'), '/c/cert.pem': pem('client.pem'), '/c/key.pem': pem('client-key.pem') };
    const trusted = openDockerEngine({
      endpoint: null,
      instance: 'i',
      clock: systemClock,
      log,
      surroundings: bareSurroundings(env, files),
    });
    const stranger = openDockerEngine({
      endpoint: null,
      instance: 'i',
      clock: systemClock,
      log,
      surroundings: bareSurroundings(env, { '/c/cert.pem': files['/c/cert.pem'], '/c/key.pem': files['/c/key.pem'] }),
    });
    try {
      expect(await settledState(trusted)).toMatchObject({ state: 'ready', version: '29.0.0' });
      expect(new Set(clients)).toEqual(new Set(['client']));
      expect(await settledState(stranger)).toMatchObject({
        state: 'unreachable',
        advice: expect.stringContaining('certificate'),
      });
    } finally {
      trusted.dispose();
      stranger.dispose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
