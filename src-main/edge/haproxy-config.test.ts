import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EdgeListener, EdgePool, EdgeSpec } from '../ports/edge.ts';
import { makeCertificate } from './certificate.fixture.ts';
import { problemOfSpec } from './check-edge-spec.ts';
import { certificateListFile, configFolder } from './edge-layout.ts';
import { edgeSpec, poolSpec, routesListener, serverSpec } from './edge-spec.fixture.ts';
import { isStructureOf, renderConfig } from './haproxy-config.ts';
import { checkPathsText } from './server-check.ts';

function descriptionOf(spec: EdgeSpec, purpose: 'running' | 'kept' = 'running'): string {
  return /^ {2}description (\S+)$/m.exec(renderConfig(spec, purpose))?.[1] ?? '';
}

function linesWith(word: string, config: string): string[] {
  return config.split('\n').flatMap((line) => (line.includes(word) ? line.trim() : []));
}

describe('the structure', () => {
  const spec = edgeSpec([poolSpec('web', [serverSpec('a'), serverSpec('b', { state: 'drain' })])]);
  const needsReload = (changed: EdgeSpec): boolean => !isStructureOf(descriptionOf(spec), changed);

  it('is the same whatever the servers are: they are changed without a reload', () => {
    expect(needsReload(edgeSpec([poolSpec('web', [])]))).toBe(false);
    expect(needsReload(edgeSpec([poolSpec('web', [serverSpec('c', { weight: 1, address: '10.0.0.9' })])]))).toBe(false);
    expect(needsReload({ ...spec, labels: { a: 'b' }, drainMs: 1 })).toBe(false);
  });

  it('is another with other listeners, pools, checks or certificates', () => {
    const [pool] = spec.pools as [EdgePool];
    const check = (changes: Partial<EdgePool['check']>): EdgeSpec => ({
      ...spec,
      pools: [{ ...pool, check: { ...pool.check, ...changes } }],
    });
    const changed = [
      { ...spec, listeners: [{ kind: 'pool', port: 81, pool: 'web' }] as const },
      { ...spec, pools: [pool, poolSpec('more', [])] },
      check({ intervalMs: 1_000 }),
      check({ timeoutMs: 500 }),
      check({ failuresMax: 1 }),
      check({ kind: 'tcp' }),
    ];
    for (const one of changed) expect(needsReload(one)).toBe(true);
    const withPem = (pem: string): EdgeSpec => ({
      ...spec,
      listeners: [routesListener([], { certificates: [{ name: 'site', pem, hosts: [] }] })],
    });
    expect(isStructureOf(descriptionOf(withPem('old')), withPem('new'))).toBe(false);
  });

  it('of a kept configuration is as good, unless it may lack keys', () => {
    expect(isStructureOf(descriptionOf(spec, 'kept'), spec)).toBe(true);
    const certificates = [{ name: 'site', pem: 'pem', hosts: [] }];
    const secure = { ...spec, listeners: [routesListener([], { certificates })] };
    expect(isStructureOf(descriptionOf(secure, 'kept'), secure)).toBe(false);
    expect(isStructureOf(descriptionOf(secure, 'running'), secure)).toBe(true);
  });
});

it('finds servers by address while it is driven, and by name when it is kept', () => {
  const spec = edgeSpec([
    poolSpec('web', [serverSpec('a', { hostName: '0a1b' }), serverSpec('b', { address: 'fd00::1' })]),
  ]);
  const [a, b] = linesWith(' check inter', renderConfig(spec, 'running'));
  expect(a).toMatch(/^server a 10\.0\.0\.2:8000 check /);
  expect(b).toMatch(/^server b \[fd00::1\]:8000 check /);
  const kept = renderConfig(spec, 'kept');
  expect(kept).toContain('server a 0a1b:8000 resolvers network');
  expect(kept).toContain('server b [fd00::1]:8000 check ');
});

it('checks each server as it says itself, and not at all where its kind is another', () => {
  const own = (kind: 'http' | 'tcp') => ({ kind, path: '/mine', port: 9_001 });
  const spec = edgeSpec([
    poolSpec('web', [
      serverSpec('a'),
      serverSpec('b', { port: 9_000, check: own('http') }),
      serverSpec('c', { check: own('tcp') }),
    ]),
  ]);
  const [a, b, c] = linesWith('server ', renderConfig(spec, 'running')).filter((line) => line.startsWith('server '));
  expect(a).toMatch(/^server a 10\.0\.0\.2:8000 check (?!.*port)/);
  expect(b).toMatch(/^server b 10\.0\.0\.2:9000 check .* port 9001 /);
  expect(c).toBe('server c 10.0.0.2:8000 pool-purge-delay 2000ms weight 100');
  expect(checkPathsText(spec)).toBe('web/a /health\nweb/b /mine\n');
  expect(isStructureOf(descriptionOf(spec), edgeSpec([poolSpec('web', [])]))).toBe(true);
});

it('asks exact hosts before wildcards before any host, and longer paths first', () => {
  const routes = [
    { host: null, path: '/', pool: 'any' },
    { host: '*.example', path: '/api/v1/', pool: 'deep' },
    { host: 'a.example', path: '/', pool: 'exact' },
    { host: null, path: '/api', pool: 'api' },
    { host: 'a.example', path: '/api/', pool: 'exact-api' },
    { host: '*.b.example', path: '/', pool: 'narrow' },
  ];
  const pools = routes.map(({ pool }) => poolSpec(pool, []));
  const config = renderConfig(edgeSpec(pools, { listeners: [routesListener(routes)] }), 'running');
  const order = linesWith('use_backend', config).map((line) => line.split(' ')[1]);
  expect(order).toEqual(['exact-api', 'exact', 'narrow', 'deep', 'api', 'any']);
});

it('sends plain requests to the port at which the host has TLS', () => {
  const secure = routesListener([], { port: 8_443, certificates: [{ name: 'site', pem: 'pem', hosts: [] }] });
  const plain = routesListener([], { redirectToTls: ['a.example', '*.b.example'] });
  const at = (hostPort: number): string[] => {
    const publish = [{ containerPort: 8_443, address: '127.0.0.1', hostPort }];
    return linesWith(
      'redirect location',
      renderConfig(edgeSpec([], { listeners: [plain, secure], publish }), 'running'),
    );
  };
  expect(at(9_443)).toEqual([
    "http-request redirect location https://%[var(txn.host)]:9443%[pathq] code 308 if { var(txn.host) -m str 'a.example' }",
    "http-request redirect location https://%[var(txn.host)]:9443%[pathq] code 308 if { var(txn.host) -m end '.b.example' }",
  ]);
  expect(at(443)[0]).toContain('https://%[var(txn.host)]%[pathq]');
});

const haproxy = '/usr/sbin/haproxy';
const isInstalled = existsSync(haproxy);
if (!isInstalled) {
  if (process.env['CI'] === 'true') throw new Error('haproxy is not installed');
  console.log('Skipped: configurations as HAProxy takes them. haproxy is not installed.');
}

describe.skipIf(!isInstalled)('HAProxy', () => {
  /** What HAProxy says of a configuration; empty if nothing. */
  function complaints(spec: EdgeSpec, purpose: 'running' | 'kept'): string {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-config-'));
    try {
      mkdirSync(join(folder, 'keys'));
      const listed = spec.listeners.flatMap((listener) => (listener.kind === 'routes' ? listener.certificates : []));
      const list = listed.map(({ name, pem, hosts }) => {
        writeFileSync(join(folder, 'keys', name), pem);
        return [join(folder, 'keys', name), ...hosts].join(' ');
      });
      writeFileSync(join(folder, 'list'), purpose === 'kept' ? '' : `${list.join('\n')}\n`);
      const text = renderConfig(spec, purpose)
        .replaceAll(certificateListFile, join(folder, 'list'))
        .replaceAll(`${configFolder}/`, `${folder}/`);
      writeFileSync(join(folder, 'paths'), checkPathsText(spec));
      writeFileSync(join(folder, 'haproxy.cfg'), text);
      execFileSync(haproxy, ['-c', '-f', join(folder, 'haproxy.cfg')], { stdio: 'pipe' });
      return '';
    } catch (error) {
      return String(error instanceof Error && 'stderr' in error ? error.stderr : error);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  const { pem } = makeCertificate(['a.example']);
  // Whatever a person may write: words with all that the configuration's language has a meaning for.
  const wild = fc.string({ unit: fc.constantFrom(...'ab0/.-_*:%#\'"\\ ${}()[]!,;&=?@~\n\tä'), maxLength: 12 });
  const path = fc.oneof(
    wild.map((text) => `/${text}`),
    fc.constantFrom('/', '/api/', "/it's", '/a%20b', '/$HOME', '/(x)'),
  );
  const host = fc.oneof(wild, fc.constantFrom('a.example', '*.b.example', 'localhost'));
  const name = fc.oneof(wild, fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/));
  const pool = fc.record({
    name,
    path,
    server: name,
    protocol: fc.constantFrom('http', 'tcp'),
    kind: fc.constantFrom('http', 'tcp'),
  });

  it('takes every configuration of a spec that is accepted', () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.array(pool, { minLength: 1, maxLength: 3 }),
        host,
        path,
        fc.boolean(),
        (wanted, host, path, isTls) => {
          const pools = wanted.map((one): EdgePool => {
            const check = { kind: one.kind, path: one.path, port: 8_000 };
            const server = serverSpec(one.server, { hostName: 'abc', check });
            const base = poolSpec(one.name, [server], { protocol: one.protocol });
            return { ...base, check: { ...base.check, kind: one.kind } };
          });
          const routed = pools.filter(({ protocol }) => protocol === 'http');
          const routes = routed.map((one) => ({ host, path, pool: one.name }));
          const certificates = isTls ? [{ name: 'site', pem, hosts: [host] }] : [];
          const listeners: EdgeListener[] = [
            routesListener(routes, { certificates }),
            ...(isTls ? [routesListener(routes, { port: 8_081, redirectToTls: [host] })] : []),
            ...pools.map((one, index): EdgeListener => ({ kind: 'pool', port: 9_000 + index, pool: one.name })),
          ];
          const spec = edgeSpec(pools, { listeners });
          fc.pre(problemOfSpec(spec) === null);
          accepted += 1;
          expect(complaints(spec, 'running')).not.toMatch(/ALERT|error/);
          expect(complaints(spec, 'kept')).not.toMatch(/ALERT|error/);
        },
      ),
      { numRuns: 40, seed: 7 },
    );
    expect(accepted).toBeGreaterThan(10);
  });

  it('would refuse one that is not accepted: the check above can fail', () => {
    const spec = edgeSpec([poolSpec('web', [serverSpec('a b')])]);
    expect(complaints(spec, 'running')).toMatch(/ALERT/);
  });
});
