/** Takes from every page what the panel does not need: permissions, devices, other addresses, other windows. */
import { app, type Session, shell, type WebContents } from 'electron';
import type { Log } from '#main/ports/log.ts';
import { externalAddress, isPanelUrl } from './navigation-policy.ts';
import { isGranted } from './permission-policy.ts';

/** Denies every permission but the one to copy, asked for or looked up, and every device; loads nothing but the panel. */
export function lockSession(session: Session): void {
  // Else Electron downloads dictionaries, also when no page checks spelling (electron/electron#22995).
  session.setSpellCheckerLanguages([]);
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl, isMainFrame }) =>
    answer(isGranted(permission, { url: requestingUrl, isMainFrame })),
  );
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin, { isMainFrame }) =>
    isGranted(permission, { url: requestingOrigin, isMainFrame }),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    answer({ cancel: !isPanelUrl(url) && !url.startsWith('devtools:') });
  });
}

/** Keeps every page, whatever made it, from leaving the panel or opening windows. */
export function lockNavigation(log: Log): void {
  app.on('web-contents-created', (_event, contents) => lockContents(contents, log));
}

function lockContents(contents: WebContents, log: Log): void {
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (details) => {
    if (isPanelUrl(details.url)) return;
    details.preventDefault();
    if (details.isMainFrame) openOutside(details.url, log);
  });
  contents.on('will-redirect', (details) => {
    if (!isPanelUrl(details.url)) details.preventDefault();
  });
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url, log);
    return { action: 'deny' };
  });
}

function openOutside(url: string, log: Log): void {
  const address = externalAddress(url);
  if (address === null) {
    log.warn('a link was not followed', { scheme: url.slice(0, url.indexOf(':') + 1).slice(0, 20) });
    return;
  }
  shell.openExternal(address).catch((error: unknown) => {
    log.warn('the browser could not be opened', { reason: error instanceof Error ? error.message : String(error) });
  });
}
