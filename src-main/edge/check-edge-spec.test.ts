import { expect, it } from 'vitest';
import type { EdgeSpec } from '../ports/edge.ts';
import { makeCertificate } from './certificate.fixture.ts';
import { problemOfSpec } from './check-edge-spec.ts';
import { edgeSpec, poolSpec, routesListener, serverSpec } from './edge-spec.fixture.ts';

const web = poolSpec('web', [serverSpec('a')]);
const own = makeCertificate(['a.example']);
const other = makeCertificate(['b.example']);

function withCertificate(pem: string, hosts: readonly string[] = ['a.example'], name = 'site'): EdgeSpec {
  const listener = routesListener([{ host: 'a.example', path: '/', pool: 'web' }], {
    certificates: [{ name, pem, hosts }],
  });
  return edgeSpec([web], { listeners: [listener] });
}

it('accepts what can be carried out', () => {
  expect(problemOfSpec(edgeSpec([web]))).toBeNull();
  expect(problemOfSpec(edgeSpec([poolSpec('empty', [])]))).toBeNull();
  expect(
    problemOfSpec(edgeSpec([poolSpec('six', [serverSpec('a', { address: 'fd00::2', hostName: '0a1b2c' })])])),
  ).toBeNull();
  expect(problemOfSpec(withCertificate(own.pem, ['a.example', '*.b.example']))).toBeNull();
});

it.each<[string, EdgeSpec, RegExp]>([
  ['a pool with a line break', edgeSpec([poolSpec('web\nglobal', [])]), /no name for a pool/],
  ['a pool named as an option', edgeSpec([poolSpec('-web', [])]), /no name for a pool/],
  ['two pools of a name', edgeSpec([web, web]), /more than one pool web/],
  ['a server with a space', edgeSpec([poolSpec('web', [serverSpec('a b')])]), /no name for a server of web/],
  ['a server with a semicolon', edgeSpec([poolSpec('web', [serverSpec('a;quit')])]), /no name for a server/],
  [
    'two servers of a name',
    edgeSpec([poolSpec('web', [serverSpec('a'), serverSpec('a')])]),
    /more than one server of web a/,
  ],
  ['a host for an address', edgeSpec([poolSpec('web', [serverSpec('a', { address: 'db.internal' })])]), /no address/],
  ['no address yet', edgeSpec([poolSpec('web', [serverSpec('a', { address: '' })])]), /no address/],
  [
    'a name of two words',
    edgeSpec([poolSpec('web', [serverSpec('a', { hostName: 'a b' })])]),
    /no name on the network/,
  ],
  ['a weight above 256', edgeSpec([poolSpec('web', [serverSpec('a', { weight: 257 })])]), /is not 0–256/],
  ['half a weight', edgeSpec([poolSpec('web', [serverSpec('a', { weight: 0.5 })])]), /is not 0–256/],
  ['port 0', edgeSpec([poolSpec('web', [serverSpec('a', { port: 0 })])]), /no valid port/],
  [
    'a check with a line break',
    edgeSpec([poolSpec('web', [serverSpec('a', { check: { kind: 'http', path: '/a\nb', port: 80 } })])]),
    /percent-encoded/,
  ],
  [
    'a check with a space',
    edgeSpec([poolSpec('web', [serverSpec('a', { check: { kind: 'http', path: '/a b', port: 80 } })])]),
    /percent-encoded/,
  ],
  [
    'a listener without its pool',
    edgeSpec([web], { listeners: [{ kind: 'pool', port: 80, pool: 'api' }] }),
    /not there: api/,
  ],
  [
    'two listeners on a port',
    edgeSpec([web], { listeners: [{ kind: 'pool', port: 80, pool: 'web' }, routesListener([], { port: 80 })] }),
    /more than one listener on port 80/,
  ],
  [
    'a route to tcp',
    edgeSpec([poolSpec('db', [], { protocol: 'tcp' })], {
      listeners: [routesListener([{ host: null, path: '/', pool: 'db' }])],
    }),
    /db, which is tcp/,
  ],
  [
    'a host in upper case',
    edgeSpec([web], { listeners: [routesListener([{ host: 'A.example', path: '/', pool: 'web' }])] }),
    /no host name in lower case/,
  ],
  [
    'a path with a quote and more',
    edgeSpec([web], { listeners: [routesListener([{ host: null, path: '/" }', pool: 'web' }])] }),
    /percent-encoded/,
  ],
  [
    'a redirect to nowhere',
    edgeSpec([web], { listeners: [routesListener([], { redirectToTls: ['a.example'] })] }),
    /no listener has a certificate/,
  ],
  ['no certificate at all', withCertificate('hello'), /site cannot be read/],
  ['a certificate without its key', withCertificate(own.certificate), /no private key/],
  ['the key of another one', withCertificate(own.certificate + other.key), /belongs to another certificate/],
  ['a certificate named as a path', withCertificate(own.pem, [], '../x'), /no name for a certificate/],
  ['a certificate for no host', withCertificate(own.pem, ['a.example /etc/passwd']), /no host name/],
])('refuses %s', (_, spec, problem) => {
  expect(problemOfSpec(spec)).toMatch(problem);
});
