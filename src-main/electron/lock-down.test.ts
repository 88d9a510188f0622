import type { Session } from 'electron';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '#main/ports/log.ts';
import { electronStandIn, StandInContents } from './electron-stand-in.fixture.ts';
import { lockNavigation, lockSession } from './lock-down.ts';

vi.mock('electron', async () => (await import('./electron-stand-in.fixture.ts')).electronStandIn);

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

describe('lockSession', () => {
  it('denies every permission but to copy, every device, loads nothing but the panel, downloads no dictionary', () => {
    const handlers: Record<string, (...given: unknown[]) => unknown> = {};
    const remember = (name: string) => (handler: (...given: unknown[]) => unknown) => {
      handlers[name] = handler;
    };
    const setSpellCheckerLanguages = vi.fn();
    lockSession({
      setSpellCheckerLanguages,
      setPermissionRequestHandler: remember('request'),
      setPermissionCheckHandler: remember('check'),
      setDevicePermissionHandler: remember('device'),
      setDisplayMediaRequestHandler: remember('display'),
      webRequest: { onBeforeRequest: remember('load') },
    } as unknown as Session);

    /** What it answers when it is asked for the permission, and when that is looked up. */
    const isAllowed = (permission: string, url: string): unknown[] => {
      const answer = vi.fn();
      handlers['request']?.({}, permission, answer, { requestingUrl: url, isMainFrame: true });
      return [answer.mock.calls[0]?.[0], handlers['check']?.(null, permission, url, { isMainFrame: true })];
    };
    for (const permission of ['media', 'notifications', 'clipboard-read', 'openExternal', 'unknown']) {
      expect(isAllowed(permission, 'app://gantry/')).toEqual([false, false]);
    }
    expect(isAllowed('clipboard-sanitized-write', 'app://gantry/')).toEqual([true, true]);
    expect(isAllowed('clipboard-sanitized-write', 'https://evil.example/')).toEqual([false, false]);
    expect(handlers['device']?.({})).toBe(false);
    const display = vi.fn();
    handlers['display']?.({}, display);
    expect(display).toHaveBeenCalledWith(null);

    const isLoaded = (url: string): boolean => {
      let cancelled = true;
      handlers['load']?.({ url }, ({ cancel }: { cancel: boolean }) => {
        cancelled = cancel;
      });
      return !cancelled;
    };
    expect(isLoaded('app://gantry/assets/main.js')).toBe(true);
    expect(setSpellCheckerLanguages).toHaveBeenCalledWith([]);
    for (const url of ['https://evil.example/', 'file:///etc/passwd', 'ws://127.0.0.1:1/'])
      expect(isLoaded(url)).toBe(false);
  });
});

describe('lockNavigation', () => {
  const contents = new StandInContents(1);
  lockNavigation(silent);
  electronStandIn.app.emit('web-contents-created', {}, contents);
  afterEach(() => electronStandIn.shell.openExternal.mockClear());

  const navigate = (event: string, url: string, isMainFrame = true): boolean => {
    const details = { url, isMainFrame, preventDefault: vi.fn() };
    contents.emit(event, details);
    return details.preventDefault.mock.calls.length === 0;
  };

  it('stays on the panel; a link opens in the browser, if it is plain https', () => {
    expect(navigate('will-frame-navigate', 'app://gantry/#/lanes')).toBe(true);
    expect(navigate('will-frame-navigate', 'https://example.com/')).toBe(false);
    expect(electronStandIn.shell.openExternal.mock.calls).toEqual([['https://example.com/']]);
    expect(navigate('will-frame-navigate', 'file:///etc/passwd')).toBe(false);
    expect(navigate('will-frame-navigate', 'https://example.com/', false)).toBe(false);
    expect(navigate('will-redirect', 'https://example.com/')).toBe(false);
    expect(navigate('will-attach-webview', '')).toBe(false);
    expect(electronStandIn.shell.openExternal).toHaveBeenCalledTimes(1);
  });

  it('opens no window', () => {
    expect(contents.windowOpenHandler?.({ url: 'https://example.com/a' })).toEqual({ action: 'deny' });
    expect(contents.windowOpenHandler?.({ url: 'smb://host/share' })).toEqual({ action: 'deny' });
    expect(electronStandIn.shell.openExternal.mock.calls).toEqual([['https://example.com/a']]);
  });
});
