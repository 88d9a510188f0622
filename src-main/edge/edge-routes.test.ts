// The ingress of a stack: hosts, paths and TLS.
import { execFileSync } from 'node:child_process';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EdgeSpec } from '../ports/edge.ts';
import { makeCertificate, type TestCertificate } from './certificate.fixture.ts';
import { allPass, EdgeBench, engineProblem, freePort, httpPool, pause, server, unwrap } from './edge-bench.fixture.ts';
import { ask } from './load-client.fixture.ts';

const routes = [
  { host: 'a.example', path: '/', pool: 'web' },
  { host: 'a.example', path: '/api', pool: 'api' },
  { host: '*.b.example', path: '/', pool: 'api' },
  { host: null, path: "/any's/(path)", pool: 'web' },
];

describe.skipIf(engineProblem() !== null)('an ingress', () => {
  let bench: EdgeBench;
  let pools: EdgeSpec['pools'];
  let web: string;
  let api: string;
  let plainPort: number;
  let tlsPort: number;
  const first = makeCertificate(['a.example']);
  const second = makeCertificate(['a.example']);

  function specOf(certificate: TestCertificate | null): EdgeSpec {
    const certificates = certificate === null ? [] : [{ name: 'site', pem: certificate.pem, hosts: ['a.example'] }];
    const redirectToTls = certificate === null ? [] : ['a.example'];
    return bench.spec(pools, {
      aliases: ['ingress'],
      publish: [
        { containerPort: 8_080, address: '127.0.0.1', hostPort: plainPort },
        { containerPort: 8_443, address: '127.0.0.1', hostPort: tlsPort },
      ],
      listeners: [
        { kind: 'routes', port: 8_080, routes, certificates: [], redirectToTls },
        ...(certificate === null
          ? []
          : [{ kind: 'routes' as const, port: 8_443, routes, certificates, redirectToTls: [] }]),
      ],
    });
  }

  /** Asks over TLS as `host`, trusting one certificate: its answer, or why there is none. */
  function askSecurely(host: string, trusted: TestCertificate): Promise<string> {
    return new Promise((resolve) => {
      const options = {
        host: '127.0.0.1',
        port: tlsPort,
        servername: host,
        ca: trusted.certificate,
        agent: false,
      } as const;
      const sent = request({ ...options, path: '/', headers: { host } }, (response) => {
        const { 'x-replica': replica, 'x-seen-proto': protocol } = response.headers;
        response.resume().on('end', () => resolve(`${response.statusCode} ${replica} ${protocol}`));
      });
      sent.on('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message));
      sent.end();
    });
  }

  beforeAll(async () => {
    bench = new EdgeBench();
    await bench.begin();
    const [one, two] = await Promise.all([bench.replica('web'), bench.replica('api')]);
    [plainPort, tlsPort] = await Promise.all([freePort(), freePort()]);
    [web, api] = [one.name, two.name];
    pools = [httpPool([server(one)], { name: 'web' }), httpPool([server(two)], { name: 'api' })];
  });

  afterAll(() => bench.dispose());

  it('leads by host and path, the longest path first', async () => {
    await bench.apply(specOf(null), allPass);
    const leadsTo = async (host: string, path: string): Promise<string | number> => {
      const { status, replica } = await ask({ port: plainPort, host, path });
      return status === 200 ? replica : status;
    };
    expect(await leadsTo('a.example', '/')).toBe(web);
    expect(await leadsTo('A.Example:8080', '/x')).toBe(web);
    expect(await leadsTo('a.example', '/api')).toBe(api);
    expect(await leadsTo('a.example', '/api/x?y')).toBe(api);
    expect(await leadsTo('a.example', '/apix')).toBe(web);
    expect(await leadsTo('x.y.b.example', '/')).toBe(api);
    expect(await leadsTo('b.example', '/')).toBe(404);
    expect(await leadsTo('c.example', "/any's/(path)/x")).toBe(web);
    expect(await leadsTo('c.example', '/')).toBe(404);
  });

  it('serves a certificate of the person, sends plain requests there, and changes it without a restart', async () => {
    const { containerId } = await bench.apply(specOf(first), allPass);
    expect(await askSecurely('a.example', first)).toBe(`200 ${web} https`);
    const redirected = await ask({ port: plainPort, host: 'a.example', path: '/x?y=1' });
    expect(redirected).toMatchObject({ status: 308, headers: { location: `https://a.example:${tlsPort}/x?y=1` } });
    expect(await ask({ port: plainPort, host: 'x.b.example' })).toMatchObject({ status: 200, replica: api });

    expect((await bench.apply(specOf(second), allPass)).containerId).toBe(containerId);
    expect(await askSecurely('a.example', second)).toBe(`200 ${web} https`);
    expect(await askSecurely('a.example', first)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  it('keeps private keys in memory only: a restart loses them, serves the rest, and gets them again', async () => {
    const { containerId } = await bench.apply(specOf(first), allPass);
    await bench.untilKept(specOf(first), containerId);
    const written = execFileSync('sh', ['-c', `docker diff ${containerId}; docker inspect ${containerId}`], {
      encoding: 'utf8',
    });
    expect(written).toContain('/gantry/haproxy.cfg');
    expect(written).not.toMatch(/\.pem|PRIVATE/);
    const secret = first.key.split('\n')[1] ?? '';
    expect(secret).toHaveLength(64);
    const inMemory = unwrap(await bench.engine.run(containerId, ['sh', '-c', `grep -rl '${secret}' /run /gantry`]));
    expect(inMemory.output).toMatch(/^\/run\/gantry\/site-[0-9a-f]{12}\.pem\n$/);
    const onDisk = execFileSync('sh', ['-c', `docker export ${containerId} | grep -ac '${secret}' || true`]);
    expect(onDisk.toString()).toBe('0\n');

    unwrap(await bench.engine.restartContainer(containerId, 1_000));
    while ((await ask({ port: plainPort, host: 'x.b.example' })).status !== 200) await pause(50);
    expect(await askSecurely('a.example', first)).toBe('EPROTO');
    await bench.apply(specOf(first), allPass);
    expect(await askSecurely('a.example', first)).toBe(`200 ${web} https`);
  });
});
