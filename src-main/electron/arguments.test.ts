import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parseDesktopArguments, readDesktopArguments } from './arguments.ts';

const parse = (...argv: string[]) => parseDesktopArguments(argv, '/code');

it('finds its own among the switches of Electron and Chromium', () => {
  expect(parse('.', '--no-sandbox', '--demo', '--js-flags=--x')).toEqual({ demo: true, repo: null });
  expect(parse('--inspect=0', '.', '--repo', '/code/parcel')).toEqual({ demo: false, repo: resolve('/code/parcel') });
  expect(parse('--repo=/code/parcel', '--headless')).toEqual({ demo: false, repo: resolve('/code/parcel') });
  expect(parse('--repo')).toEqual({ demo: false, repo: null });
});

it('means the folder in which it was started', () => {
  expect(parse('--repo', '.').repo).toBe(resolve('/code'));
  expect(parse('--repo=parcel').repo).toBe(resolve('/code/parcel'));
});

it('takes over what another instance was asked, and nothing that is not that', () => {
  const asked = parse('--repo', 'parcel');
  expect(readDesktopArguments(structuredClone(asked))).toEqual(asked);
  for (const other of [undefined, null, {}, { demo: 'yes', repo: null }, { demo: true, repo: 7 }]) {
    expect(readDesktopArguments(other)).toBeNull();
  }
});
