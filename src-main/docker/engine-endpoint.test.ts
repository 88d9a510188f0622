import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type EngineSurroundings, endpointText, isLocalEndpoint, searchEngine } from './engine-endpoint.ts';

interface Case {
  readonly name: string;
  readonly given?: string;
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly platform?: string;
  /** `origin address`, with `+tls`; or the words of the advice. */
  readonly expected: string | RegExp;
}

const contextId = createHash('sha256').update('remote').digest('hex');
const contextFiles = {
  '/home/ada/.docker/config.json': '{"currentContext":"remote"}',
  [`/home/ada/.docker/contexts/meta/${contextId}/meta.json`]: JSON.stringify({
    Name: 'remote',
    Endpoints: { docker: { Host: 'tcp://build.example:2376', SkipTLSVerify: false } },
  }),
  [`/home/ada/.docker/contexts/tls/${contextId}/docker/ca.pem`]: 'CA',
  [`/home/ada/.docker/contexts/tls/${contextId}/docker/cert.pem`]: 'CERT',
  [`/home/ada/.docker/contexts/tls/${contextId}/docker/key.pem`]: 'KEY',
};

const cases: readonly Case[] = [
  {
    name: 'an address that is given',
    given: 'unix:///srv/docker.sock',
    expected: 'the host’s address unix:///srv/docker.sock',
  },
  {
    name: 'an address that is given, before DOCKER_HOST',
    given: 'tcp://10.0.0.5:2375',
    env: { DOCKER_HOST: 'unix:///other.sock' },
    expected: 'the host’s address tcp://10.0.0.5:2375',
  },
  { name: 'DOCKER_HOST', env: { DOCKER_HOST: 'unix:///x.sock' }, expected: 'DOCKER_HOST unix:///x.sock' },
  {
    name: 'DOCKER_HOST without a path',
    env: { DOCKER_HOST: 'unix://' },
    expected: 'DOCKER_HOST unix:///var/run/docker.sock',
  },
  { name: 'DOCKER_HOST without a scheme', env: { DOCKER_HOST: 'box:2375' }, expected: 'DOCKER_HOST tcp://box:2375' },
  { name: 'a port that is assumed', env: { DOCKER_HOST: 'tcp://box' }, expected: 'DOCKER_HOST tcp://box:2375' },
  { name: 'the port of http itself', env: { DOCKER_HOST: 'tcp://box:80' }, expected: 'DOCKER_HOST tcp://box:80' },
  {
    name: 'an address of version 6',
    env: { DOCKER_HOST: 'tcp://[fe80::1]:2375' },
    expected: 'DOCKER_HOST tcp://[fe80::1]:2375',
  },
  { name: 'the port of TLS', env: { DOCKER_HOST: 'tcp://box:2376' }, expected: 'DOCKER_HOST tcp://box:2376+tls' },
  {
    name: 'DOCKER_TLS_VERIFY',
    env: { DOCKER_HOST: 'tcp://box', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' },
    files: { '/certs/ca.pem': 'CA', '/certs/cert.pem': 'CERT', '/certs/key.pem': 'KEY' },
    expected: 'DOCKER_HOST tcp://box:2376+tls',
  },
  {
    name: 'key material that is not there',
    env: { DOCKER_HOST: 'tcp://box', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' },
    expected: /no ca\.pem, cert\.pem or key\.pem in \/certs/,
  },
  {
    name: 'DOCKER_HOST before the context',
    env: { DOCKER_HOST: 'unix:///x.sock' },
    files: contextFiles,
    expected: 'DOCKER_HOST unix:///x.sock',
  },
  {
    name: 'the current context',
    files: contextFiles,
    expected: 'the Docker context remote tcp://build.example:2376+tls',
  },
  {
    name: 'DOCKER_CONTEXT before the current one',
    env: { DOCKER_CONTEXT: 'gone' },
    files: contextFiles,
    expected: /context gone is chosen but not there/,
  },
  {
    name: 'a configuration elsewhere',
    env: { DOCKER_CONFIG: '/cfg' },
    files: { '/cfg/config.json': '{"currentContext":"lost"}' },
    expected: /context lost is chosen/,
  },
  { name: 'a damaged configuration', files: { '/home/ada/.docker/config.json': '{' }, expected: /^known/ },
  {
    name: 'the default context',
    files: { '/home/ada/.docker/config.json': '{"currentContext":"default"}' },
    expected: /^known/,
  },
  {
    name: 'SSH',
    env: { DOCKER_HOST: 'ssh://ada@box' },
    expected: /ssh -N -L \/tmp\/docker\.sock:\/var\/run\/docker\.sock ada@box.*unix:\/\/\/tmp\/docker\.sock/,
  },
  { name: 'an unknown scheme', env: { DOCKER_HOST: 'fd://3' }, expected: /knows unix:\/\/, npipe:\/\/ and tcp:\/\// },
  { name: 'no host', env: { DOCKER_HOST: 'tcp://' }, expected: /should be like tcp:/ },
  {
    name: 'a pipe of Windows',
    env: { DOCKER_HOST: String.raw`npipe:////./pipe/docker_engine` },
    platform: 'win32',
    expected: 'DOCKER_HOST npipe:////./pipe/docker_engine',
  },
  {
    name: 'sockets that engines are known to make',
    env: { XDG_RUNTIME_DIR: '/run/user/7' },
    expected:
      /^known unix:\/\/\/var\/run\/docker\.sock unix:\/\/\/run\/user\/7\/docker\.sock unix:\/\/\/home\/ada\/\.docker\/run\/docker\.sock.*podman/,
  },
  {
    name: 'pipes that engines are known to make',
    platform: 'win32',
    expected: /^known npipe:\/\/\/\/\.\/pipe\/docker_engine npipe:/,
  },
];

function surroundingsOf({ env = {}, files = {}, platform = 'linux' }: Case): EngineSurroundings {
  return {
    env,
    platform,
    homeFolder: '/home/ada',
    userId: 1000,
    readText: (path) => files[path] ?? null,
    exists: () => true,
  };
}

function asText(one: Case): string {
  const search = searchEngine(one.given ?? null, surroundingsOf(one));
  if (search.kind === 'refused') return search.advice;
  if (search.kind === 'known') return `known ${search.endpoints.map(endpointText).join(' ')}`;
  const { origin, endpoint } = search;
  return `${origin} ${endpointText(endpoint)}${endpoint.kind === 'tcp' && endpoint.tls !== null ? '+tls' : ''}`;
}

describe('where an engine is looked for', () => {
  it.each(cases)('$name', (one) => {
    if (typeof one.expected === 'string') expect(asText(one)).toBe(one.expected);
    else expect(asText(one)).toMatch(one.expected);
  });

  it('takes key material from the context, and whether it is checked', () => {
    const search = searchEngine(null, surroundingsOf({ name: '', files: contextFiles, expected: '' }));
    expect(search).toMatchObject({
      endpoint: { tls: { ca: 'CA', cert: 'CERT', key: 'KEY', verifies: true } },
    });
    const skipping = { ...contextFiles };
    const meta = `/home/ada/.docker/contexts/meta/${contextId}/meta.json`;
    skipping[meta] = (skipping[meta] ?? '').replace('"SkipTLSVerify":false', '"SkipTLSVerify":true');
    expect(searchEngine(null, surroundingsOf({ name: '', files: skipping, expected: '' }))).toMatchObject({
      endpoint: { tls: { verifies: false } },
    });
  });

  it('knows which engines share this machine’s loopback', () => {
    expect(isLocalEndpoint({ kind: 'socket', path: '/x' })).toBe(true);
    expect(isLocalEndpoint({ kind: 'tcp', host: '127.0.0.1', port: 2375, tls: null })).toBe(true);
    expect(isLocalEndpoint({ kind: 'tcp', host: 'localhost.example', port: 2375, tls: null })).toBe(false);
  });
});
