import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findElectron, tryElectron, whyNoDesktopTests } from './electron-program.mjs';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-electron-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Puts there what Electron's installer does; `script` is what the program does. */
function install(at = folder, script = 'exit 0'): string {
  mkdirSync(join(at, 'dist'), { recursive: true });
  const program = join(at, 'dist', 'electron');
  writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  writeFileSync(join(at, 'path.txt'), 'electron');
  return program;
}

describe('the program of Electron', () => {
  it('is found where the installer puts it', () => {
    const program = install();
    expect(findElectron(folder, {}, 'linux')).toEqual({ state: 'found', program });
  });

  it('is missing when nothing, or not everything, was downloaded', () => {
    const reason = expect.stringContaining('"npx install-electron" downloads it');
    expect(findElectron(folder, {}, 'linux')).toEqual({ state: 'missing', reason });
    install();
    rmSync(join(folder, 'path.txt'));
    expect(findElectron(folder, {}, 'linux')).toEqual({ state: 'missing', reason });
    install();
    rmSync(join(folder, 'dist'), { recursive: true });
    expect(findElectron(folder, {}, 'linux')).toEqual({ state: 'missing', reason });
  });

  it('may be somewhere else', () => {
    const elsewhere = join(folder, 'elsewhere');
    const program = install(elsewhere);
    const env = { ELECTRON_OVERRIDE_DIST_PATH: join(elsewhere, 'dist') };
    expect(findElectron(folder, env, 'linux')).toEqual({ state: 'found', program });
    rmSync(program);
    expect(findElectron(folder, env, 'linux').state).toBe('missing');
  });
});

describe.skipIf(process.platform === 'win32')('trying it', () => {
  it('says whether it starts', () => {
    const program = install(folder, 'test "$1" = --version && echo v45.4.1');
    expect(tryElectron(program)).toEqual({ state: 'found', program });
  });

  it.each([
    [
      'echo; echo "[1:0/1.2:FATAL:setuid_sandbox_host.cc:166] The SUID sandbox helper …" >&2; kill -TRAP $$',
      'The SUID sandbox helper …',
    ],
    ['echo "electron: error while loading shared libraries: libnss3.so" >&2; exit 127', 'libnss3.so'],
    ['exit 3', 'it ended with exit code 3'],
  ])('tells what keeps it from starting: %s', (script, reason) => {
    expect(tryElectron(install(folder, script))).toEqual({ state: 'broken', reason: expect.stringContaining(reason) });
  });

  it('does not wait for ever', () => {
    expect(tryElectron(install(folder, 'exec sleep 60'), 100)).toMatchObject({ state: 'broken' });
  });
});

describe('the tests in Electron', () => {
  it('run where it is and a screen, and say why they do not elsewhere', () => {
    expect(whyNoDesktopTests(folder, { DISPLAY: ':0' }, 'linux')).toContain('is not here');
    install();
    expect(whyNoDesktopTests(folder, {}, 'linux')).toContain('xvfb-run');
    expect(whyNoDesktopTests(folder, { DISPLAY: ':0' }, 'linux')).toBeNull();
    expect(whyNoDesktopTests(folder, {}, 'darwin')).toBeNull();
  });
});
