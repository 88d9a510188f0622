import { expect, it, vi } from 'vitest';
import { chooseShell, type ShellQuestion } from './choose-shell.mjs';

const here = { state: 'found', program: '/electron' } as const;

function choose(question: Partial<ShellQuestion> = {}) {
  return chooseShell({ args: [], platform: 'linux', env: { DISPLAY: ':0' }, electron: () => here, ...question });
}

it('is the desktop app where Electron is and a screen', () => {
  expect(choose()).toEqual({ shell: 'electron', program: '/electron' });
  expect(choose({ env: { WAYLAND_DISPLAY: 'wayland-0' } }).shell).toBe('electron');
  expect(choose({ platform: 'darwin', env: {} }).shell).toBe('electron');
  expect(choose({ platform: 'win32', env: {}, args: ['--demo', '--repo', '.'] }).shell).toBe('electron');
});

it('is the browser where it was asked for or there is no screen, and then Electron is not looked for', () => {
  const electron = vi.fn(() => here);
  for (const args of [['--headless'], ['--demo', '--headless'], ['--help'], ['-h']]) {
    expect(choose({ args, electron })).toEqual({ shell: 'browser', note: null });
  }
  expect(choose({ env: {}, electron })).toEqual({ shell: 'browser', note: null });
  expect(electron).not.toHaveBeenCalled();
});

it.each(['missing', 'broken'] as const)('is the browser, and says why, where Electron is %s', (state) => {
  expect(choose({ electron: () => ({ state, reason: 'Electron is on holiday.' }) })).toEqual({
    shell: 'browser',
    note: 'Electron is on holiday.\nThe panel opens in your browser instead.',
  });
});
