import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bareSurroundings } from './fake-engine.fixture.ts';
import { hubLogin, parseReference, registryOf } from './image-reference.ts';
import { loginHeader, registryLogins } from './registry-logins.ts';

const auth = (text: string): string => Buffer.from(text).toString('base64');
const config = (content: object, env: Record<string, string> = {}) =>
  bareSurroundings(env, { '/home/ada/.docker/config.json': JSON.stringify(content) });

describe('references of images', () => {
  it.each([
    ['nginx', { name: 'nginx', tag: 'latest', digest: null }, hubLogin],
    ['team/web:1.2', { name: 'team/web', tag: '1.2', digest: null }, hubLogin],
    ['docker.io/library/nginx', { name: 'docker.io/library/nginx', tag: 'latest', digest: null }, hubLogin],
    ['localhost/web', { name: 'localhost/web', tag: 'latest', digest: null }, 'localhost'],
    [
      'registry.example:5000/team/web',
      { name: 'registry.example:5000/team/web', tag: 'latest', digest: null },
      'registry.example:5000',
    ],
    ['ghcr.io/a/b:c@sha256:123', { name: 'ghcr.io/a/b', tag: null, digest: 'sha256:123' }, 'ghcr.io'],
  ])('%s', (text, expected, registry) => {
    const reference = parseReference(text);
    expect(reference).toEqual(expected);
    expect(registryOf(reference.name)).toBe(registry);
  });
});

describe('logins', () => {
  it('are found under any name of their registry', async () => {
    const logins = registryLogins(
      config({
        auths: {
          'https://ghcr.io/v1/': { auth: auth('ada:pass:word') },
          [hubLogin]: { auth: auth('hub:secret') },
          'token.example': { auth: '', identitytoken: 'T' },
          'empty.example': {},
        },
      }),
    );
    expect(await logins.find('ghcr.io')).toEqual({ username: 'ada', password: 'pass:word', serveraddress: 'ghcr.io' });
    expect(await logins.find(hubLogin)).toMatchObject({ username: 'hub', password: 'secret' });
    expect(await logins.find('token.example')).toMatchObject({ identitytoken: 'T' });
    expect(await logins.find('empty.example')).toBeNull();
    expect(await logins.find('other.example')).toBeNull();
    expect(Object.keys(await logins.all())).toEqual(['https://ghcr.io/v1/', hubLogin, 'token.example']);
  });

  it('are none where nothing is kept, or what is kept is damaged', async () => {
    expect(await registryLogins(bareSurroundings()).find(hubLogin)).toBeNull();
    expect(await registryLogins(config({ auths: 7 })).all()).toEqual({});
    const damaged = bareSurroundings({}, { '/home/ada/.docker/config.json': '{"auths":' });
    expect(await registryLogins(damaged).find(hubLogin)).toBeNull();
  });

  it('are asked of the registry’s own helper before the common one', async () => {
    const asked: string[] = [];
    const logins = registryLogins(
      config({
        credsStore: 'common',
        credHelpers: { 'ghcr.io': 'own' },
        auths: { 'old.example': { auth: auth('o:p') } },
      }),
      (helper, registry) => {
        asked.push(`${helper} ${registry}`);
        if (registry === 'old.example') return Promise.resolve(null);
        return Promise.resolve(JSON.stringify({ Username: registry === 'ghcr.io' ? '<token>' : 'ada', Secret: 'S' }));
      },
    );
    expect(await logins.find('ghcr.io')).toEqual({ identitytoken: 'S', serveraddress: 'ghcr.io' });
    expect(await logins.find(hubLogin)).toEqual({ username: 'ada', password: 'S', serveraddress: hubLogin });
    // What the helper does not have may still be in the file.
    expect(await logins.find('old.example')).toMatchObject({ username: 'o', password: 'p' });
    expect(asked).toEqual(['own ghcr.io', `common ${hubLogin}`, 'common old.example']);
  });

  it.skipIf(process.platform === 'win32')('come from real helpers, that fail or are not there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-helper-'));
    try {
      const script = (name: string, text: string): void =>
        writeFileSync(join(folder, `docker-credential-${name}`), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      script('good', 'read registry; test "$1" = get && printf \'{"Username":"u","Secret":"for %s"}\' "$registry"');
      script('bad', 'echo "credentials not found"; exit 1');
      const find = (credsStore: string) =>
        registryLogins(config({ credsStore }, { PATH: `${folder}:${process.env['PATH'] ?? ''}` })).find('ghcr.io');
      expect(await find('good')).toEqual({ username: 'u', password: 'for ghcr.io', serveraddress: 'ghcr.io' });
      expect(await find('bad')).toBeNull();
      expect(await find('missing')).toBeNull();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are sent as base64 for addresses', () => {
    const login = { username: '???>>>', password: 'ÿ' };
    expect(loginHeader(login)).toMatch(/^[\w=-]+$/);
    expect(JSON.parse(Buffer.from(loginHeader(login), 'base64url').toString())).toEqual(login);
  });
});
