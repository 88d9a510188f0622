import { describe, expect, it } from 'vitest';
import { type GatedRequest, isToken, offeredToken, refuseRequest, refuseUpgrade } from './gate.ts';

const page: GatedRequest = { method: 'GET', path: '/', host: '127.0.0.1:4268', origin: undefined };
const socket: GatedRequest = { ...page, path: '/contract', origin: 'http://127.0.0.1:4268' };

describe('the gate', () => {
  it('lets the page and its socket through, under both names of loopback', () => {
    expect(refuseRequest(page, 4268)).toBeNull();
    expect(refuseRequest({ ...page, host: 'localhost:4268' }, 4268)).toBeNull();
    expect(refuseUpgrade(socket, 4268)).toBeNull();
    expect(refuseUpgrade({ ...socket, host: 'localhost:4268', origin: 'http://localhost:4268' }, 4268)).toBeNull();
  });

  it.each([
    undefined,
    '',
    '127.0.0.1',
    '127.0.0.1:80',
    'localhost',
    'gantry.evil.example:4268',
    '127.0.0.1:4268.evil.example',
  ])('answers 421 to the host %j', (host) => {
    expect(refuseRequest({ ...page, host }, 4268)?.status).toBe(421);
    expect(refuseUpgrade({ ...socket, host }, 4268)?.status).toBe(421);
  });

  it.each([
    'null',
    'http://127.0.0.1',
    'http://127.0.0.1:4269',
    'https://127.0.0.1:4268',
    'http://localhost:4268',
    'http://evil.example',
  ])('answers 403 to the origin %j', (origin) => {
    expect(refuseRequest({ ...page, origin }, 4268)?.status).toBe(403);
    expect(refuseUpgrade({ ...socket, origin }, 4268)?.status).toBe(403);
  });

  it('answers 403 to a socket without an origin', () => {
    expect(refuseUpgrade({ ...socket, origin: undefined }, 4268)?.status).toBe(403);
  });

  it('answers 405 to other methods and 404 to other sockets', () => {
    expect(refuseRequest({ ...page, method: 'POST' }, 4268)?.status).toBe(405);
    expect(refuseUpgrade({ ...socket, path: '/' }, 4268)?.status).toBe(404);
  });
});

describe('the token', () => {
  it('is found among the subprotocols', () => {
    expect(offeredToken('gantry.contract, gantry.token.abc')).toBe('abc');
    expect(offeredToken('gantry.contract')).toBeNull();
    expect(offeredToken(undefined)).toBeNull();
  });

  it('is compared whole', () => {
    expect(isToken('abc', 'abc')).toBe(true);
    for (const wrong of ['ab', 'abcd', 'ABC', '', null]) expect(isToken(wrong, 'abc')).toBe(false);
    expect(isToken(null, '')).toBe(false);
  });
});
