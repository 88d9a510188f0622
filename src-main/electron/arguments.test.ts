import { expect, it } from 'vitest';
import { parseDesktopArguments } from './arguments.ts';

it('finds its own among the switches of Electron and Chromium', () => {
  expect(parseDesktopArguments(['.', '--no-sandbox', '--demo', '--js-flags=--x'])).toEqual({ demo: true, repo: null });
  expect(parseDesktopArguments(['--repo', '/code/parcel'])).toEqual({ demo: false, repo: '/code/parcel' });
  expect(parseDesktopArguments(['--repo=/code/parcel', '--headless'])).toEqual({ demo: false, repo: '/code/parcel' });
  expect(parseDesktopArguments(['--repo'])).toEqual({ demo: false, repo: null });
});
