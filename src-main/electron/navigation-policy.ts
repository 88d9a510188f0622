/** Where the window may go, and which links may leave it. Pure: the shell asks, Electron does. */
import { desktopScheme } from '#shared/contract/connect/port-handover.ts';

/** The panel's only origin on the desktop. */
export const panelOrigin = `${desktopScheme}//gantry`;

/** The page that the window shows. */
export const panelUrl = `${panelOrigin}/`;

const externalUrlCharsMax = 2_048;

/** Whether the window may load this. */
export function isPanelUrl(url: string): boolean {
  return url === panelOrigin || url.startsWith(panelUrl);
}

/**
 * The address to hand to the person's browser for a link that was followed; null for
 * everything but plain `https`. What agents write ends up in links, and an address that the
 * system opens may start any program that registered its scheme.
 */
export function externalAddress(url: string): string | null {
  if (url.length > externalUrlCharsMax || !URL.canParse(url)) return null;
  const parsed = new URL(url);
  const isPlain =
    parsed.protocol === 'https:' && parsed.hostname !== '' && parsed.username === '' && parsed.password === '';
  return isPlain ? parsed.href : null;
}
