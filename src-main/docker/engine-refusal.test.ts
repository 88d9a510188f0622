import { describe, expect, it } from 'vitest';
import { takenPort } from './container-life.ts';
import { refusalOfAnswer, refusalOfDeadline, refusalOfFailure } from './engine-refusal.ts';

// Words of Docker 20.10 to 29 and of Podman, as their engines send them.
const cases: readonly [status: number, detail: string, reason: string][] = [
  [
    500,
    'driver failed programming external connectivity on endpoint web (4f1a): Bind for 0.0.0.0:8080 failed: port is already allocated',
    'port-taken',
  ],
  [
    500,
    'driver failed programming external connectivity on endpoint web (4f1a): Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use',
    'port-taken',
  ],
  [
    500,
    'failed to set up container networking: driver failed programming external connectivity on endpoint web (4f1a): failed to bind host port for 127.0.0.1:8080:172.17.0.2:80/tcp: address already in use',
    'port-taken',
  ],
  [
    500,
    'Ports are not available: exposing port TCP 0.0.0.0:8080 -> 127.0.0.1:0: listen tcp 0.0.0.0:8080: bind: Only one usage of each socket address (protocol/network address/port) is normally permitted.',
    'port-taken',
  ],
  [404, 'No such image: web:1', 'no-such-image'],
  [404, 'manifest for nginx:nope not found: manifest unknown: manifest unknown', 'no-such-image'],
  [500, 'manifest unknown', 'no-such-image'],
  [404, 'web:1: image not known', 'no-such-image'],
  [
    404,
    "pull access denied for nobody/nothing, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    'access-denied',
  ],
  [500, 'Head "https://registry.example/v2/web/manifests/1": unauthorized: authentication required', 'access-denied'],
  [500, 'no basic auth credentials', 'access-denied'],
  [
    409,
    'Conflict. The container name "/web" is already in use by container "4f1a". You have to remove (or rename) that container to be able to reuse that name.',
    'name-taken',
  ],
  [500, 'write /var/lib/docker/tmp/GetImageBlob1: no space left on device', 'disk-full'],
  [404, 'no matching manifest for linux/arm64/v8 in the manifest list entries', 'wrong-architecture'],
  [
    400,
    'OCI runtime create failed: runc create failed: unable to start container process: exec format error: unknown',
    'wrong-architecture',
  ],
  [
    400,
    'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown',
    'not-started',
  ],
  [500, 'unable to find user ada: no matching entries in passwd file', 'not-started'],
  [400, 'No command specified', 'not-started'],
  [404, 'No such container: web', 'no-such-container'],
  [404, 'network front not found', 'no-such-network'],
  [404, 'get data: no such volume', 'no-such-volume'],
  [409, 'remove data: volume is in use - [4f1a]', 'in-use'],
  [403, 'error while removing network: network front id 4f1a has active endpoints', 'in-use'],
  [
    409,
    'conflict: unable to remove repository reference "web:1" (must force) - container 4f1a is using its referenced image 9c3b',
    'in-use',
  ],
  [409, 'conflict: unable to delete 9c3b (cannot be forced) - image is being used by running container 4f1a', 'in-use'],
  [
    500,
    'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
    'refused',
  ],
  [404, 'page not found', 'refused'],
  [500, '', 'refused'],
];

describe('what an engine refuses', () => {
  it.each(cases)('%i %s', (status, detail, reason) => {
    const refusal = refusalOfAnswer(status, detail, 'do it');
    expect(refusal.reason).toBe(reason);
    expect(refusal.detail).toBe(detail);
    expect(refusal.message).toMatch(/^[A-Z].*\.$/);
  });

  it('says what was asked and what the engine said where nothing better is known', () => {
    expect(refusalOfAnswer(500, 'the moon is full', 'start the container').message).toBe(
      'The engine refused to start the container: the moon is full.',
    );
    expect(refusalOfAnswer(502, '', 'start the container').message).toContain('status 502');
  });

  it('names the port that is taken', () => {
    for (const [, detail, reason] of cases) expect(takenPort(detail)).toBe(reason === 'port-taken' ? 8080 : null);
    expect(takenPort('Bind for :::9090 failed: port is already allocated')).toBe(9090);
    expect(takenPort('listen tcp6 [::]:9090: bind: address already in use')).toBe(9090);
  });
});

describe('an engine that cannot be asked', () => {
  const failure = (code: string, message = code): string =>
    refusalOfFailure(Object.assign(new Error(message), { code }), 'unix:///x.sock').message;

  it.each([
    ['EACCES', 'Join the group'],
    ['ENOENT', 'Start it'],
    ['ECONNREFUSED', 'Start it'],
    ['ENOTFOUND', 'name of'],
    ['EHOSTUNREACH', 'over the network'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'Check the certificates'],
    ['ECONNRESET', 'broke'],
  ])('%s says what to do', (code, words) => {
    expect(failure(code)).toContain(words);
    expect(failure(code)).toContain('unix:///x.sock');
  });

  it('says how long was waited', () => {
    expect(refusalOfDeadline(10_000, 'list images')).toMatchObject({
      reason: 'timeout',
      message: expect.stringContaining('within 10 s when asked to list images'),
    });
  });
});
