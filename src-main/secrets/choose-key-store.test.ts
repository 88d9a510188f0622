import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../ports/log.ts';
import type { TextSealer } from '../ports/text-sealer.ts';
import { chooseKeyStore } from './choose-key-store.ts';
import { type KeyFile, keyFile } from './key-file.ts';
import { type KeyRing, type KeyStore, openKeyRing } from './key-ring.ts';
import { secretService } from './keychain-program.ts';
import { sealedKeyFile } from './sealed-key-file.ts';

const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => log };

let folder: string;
let file: KeyFile;
let keys: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-keys-'));
  file = keyFile(folder);
  keys = join(folder, 'keys.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = async (keychain: KeyStore | null): Promise<KeyRing> =>
  openKeyRing(await chooseKeyStore(file, keychain, log));
const contentOf = (path: string): string => readFileSync(path, 'utf8');

/** A keychain whose answers a test decides. */
function keychainWith(text: string | null = null) {
  const state = { text, isSilent: false, forgets: false, writes: 0 };
  const store: KeyStore = {
    keptIn: 'the keychain',
    async read() {
      if (state.isSilent) throw new Error('it is locked');
      return state.text;
    },
    async write(next) {
      if (state.isSilent) throw new Error('it is locked');
      state.writes += 1;
      if (!state.forgets) state.text = next;
    },
  };
  return { state, store };
}

describe('master keys', () => {
  it('stay in the file where there is no keychain, or it does not answer', async () => {
    const first = await open(null);
    expect(first.keptIn).toBe(keys);
    const { state, store } = keychainWith();
    state.isSilent = true;
    const second = await open(store);
    expect([second.keptIn, second.newest.id]).toEqual([keys, first.newest.id]);
  });

  it('move to the keychain, and leave the file only when they were read back', async () => {
    const before = (await open(null)).newest.id;
    const { state, store } = keychainWith();
    state.forgets = true;
    const kept = contentOf(keys);
    expect((await open(store)).keptIn).toBe(keys);
    expect(contentOf(keys)).toBe(kept);
    state.forgets = false;
    const ring = await open(store);
    expect([ring.keptIn, ring.newest.id]).toEqual(['the keychain', before]);
    expect(existsSync(keys)).toBe(false);
    expect((await open(store)).newest.id).toBe(before);
  });

  it('begin in the keychain where nothing was ever kept', async () => {
    const { state, store } = keychainWith();
    const ring = await open(store);
    expect(ring.keptIn).toBe('the keychain');
    expect(state.text).toContain(ring.newest.id);
    expect(existsSync(keys)).toBe(false);
  });

  it.each(['written, not noted', 'noted, not removed'])('are whole after a kill while they moved: %s', async (when) => {
    const before = (await open(null)).newest.id;
    const { state, store } = keychainWith(contentOf(keys));
    if (when === 'noted, not removed') await file.noteMove('the keychain');
    const ring = await open(store);
    expect([ring.keptIn, ring.newest.id]).toEqual(['the keychain', before]);
    expect(state.writes).toBe(0);
    expect(existsSync(keys)).toBe(false);
  });

  it('of a file that was put back are united with those of the keychain, and are the newest', async () => {
    const mine = (await open(null)).newest.id;
    const { store } = keychainWith();
    const other = keyFile(mkdtempSync(join(folder, 'other-')));
    const theirs = (await openKeyRing(other)).newest.id;
    await store.write((await other.read()) ?? '');
    const ring = await open(store);
    expect(ring.newest.id).toBe(mine);
    expect(ring.key(theirs)?.id).toBe(theirs);
  });

  it('are all in the file where the keychain does not take those that it lacks', async () => {
    const mine = (await open(null)).newest.id;
    const { state, store } = keychainWith();
    const other = keyFile(mkdtempSync(join(folder, 'other-')));
    const theirs = (await openKeyRing(other)).newest.id;
    state.text = await other.read();
    state.forgets = true;
    const ring = await open(store);
    expect([ring.keptIn, ring.newest.id, ring.key(theirs)?.id]).toEqual([keys, mine, theirs]);
  });

  it('that moved are never made anew: it is said where they are', async () => {
    const { state, store } = keychainWith();
    await open(store);
    const kept = state.text;
    await expect(open(null)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('the keychain'),
    });
    state.isSilent = true;
    await expect(open(store)).rejects.toThrow('it is locked');
    state.isSilent = false;
    state.text = null;
    await expect(open(store)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('does not have them any more'),
    });
    expect(existsSync(keys)).toBe(false);
    state.text = kept;
    await open(store);
  });

  it('are added to and forgotten in the keychain', async () => {
    const { store } = keychainWith();
    const ring = await open(store);
    const old = ring.newest.id;
    await ring.add();
    const newest = ring.newest.id;
    expect((await open(store)).key(old)?.id).toBe(old);
    await ring.forgetOld();
    const after = await open(store);
    expect([after.newest.id, after.key(old)]).toEqual([newest, null]);
  });
});

describe('the desktop’s keyring', () => {
  /** A program that keeps one value a set of attributes, as `secret-tool` does. */
  function secretTool(script: string): NodeJS.ProcessEnv {
    const programs = join(folder, 'bin');
    mkdirSync(programs);
    const path = join(programs, 'secret-tool');
    writeFileSync(path, `#!/bin/sh\n${script}`);
    chmodSync(path, 0o755);
    return { PATH: `${programs}:/usr/bin:/bin`, KEYRING: folder };
  }
  const whole = `
case "$1" in
  lookup) shift; cat "$KEYRING/item $*" 2>/dev/null || exit 1 ;;
  store) shift 2; echo "$*" >> "$KEYRING/said"; cat > "$KEYRING/item $*" ;;
esac`;

  it('gives back what it was given, and does not have it on a command line', async () => {
    const env = secretTool(whole);
    const store = secretService('abc', env);
    expect(await store.read()).toBeNull();
    await store.write('{"key": "värde"}\n');
    expect(await store.read()).toBe('{"key": "värde"}\n');
    expect(await secretService('another', env).read()).toBeNull();
    expect(contentOf(join(folder, 'said'))).toBe('service Gantry account abc\n');
  });

  it('holds the keys of a data folder', async () => {
    const env = secretTool(whole);
    const ring = await open(secretService('abc', env));
    expect(ring.keptIn).toBe('the desktop’s keyring');
    expect((await open(secretService('abc', env))).newest.id).toBe(ring.newest.id);
  });

  it.each([
    ['is not installed', null, 'ENOENT'],
    ['is locked', 'echo "Cannot autolaunch D-Bus" >&2; exit 1', 'Cannot autolaunch D-Bus'],
    ['fails', 'exit 7', 'exit code 7'],
  ])('says why where it %s', async (_, script, why) => {
    const env = script === null ? { PATH: folder } : secretTool(script);
    await expect(secretService('abc', env).read()).rejects.toThrow(why);
    await expect(secretService('abc', env).write('text')).rejects.toThrow(why);
  });

  it('is not believed when it keeps something else', async () => {
    const store = secretService('abc', secretTool('[ "$1" = lookup ] && echo b3RoZXI=; cat > /dev/null'));
    await expect(store.write('text')).rejects.toThrow('something else');
  });
});

describe('a file that the system seals', () => {
  /** Turns texts round, for one account. */
  const sealerOf = (account: string): TextSealer => ({
    name: 'the account',
    seal: (text) => Buffer.from(`${account}:${[...text].reverse().join('')}`),
    open(sealed) {
      const text = Buffer.from(sealed).toString();
      if (!text.startsWith(`${account}:`)) throw new Error('another account');
      return [...text.slice(account.length + 1)].reverse().join('');
    },
  });

  it('has no key in the clear, and opens for who sealed it', async () => {
    const ring = await open(sealedKeyFile(folder, sealerOf('me')));
    expect(ring.keptIn).toBe('the account');
    expect(contentOf(join(folder, 'keys.sealed'))).not.toContain(ring.newest.bytes.toString('base64'));
    expect((await open(sealedKeyFile(folder, sealerOf('me')))).newest.id).toBe(ring.newest.id);
    await expect(open(sealedKeyFile(folder, sealerOf('you')))).rejects.toThrow('another account');
  });
});
