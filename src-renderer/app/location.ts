import { useSyncExternalStore } from 'react';

/** Where the panel is: a view, and what of it. Lives in the address, so that back and reload work. */
export interface PanelLocation {
  readonly viewId: string;
  /** What of the view is open, such as a lane's id; null for the view itself. */
  readonly detail: string | null;
}

/** Reads `#/lanes/lane-1a2b3c4d`. */
export function parseLocation(hash: string): PanelLocation {
  const [viewId = '', ...rest] = hash.replace(/^#\/?/, '').split('/');
  const detail = rest.join('/');
  return { viewId, detail: detail === '' ? null : decode(detail) };
}

/** Writes what `parseLocation` reads. */
export function formatLocation({ viewId, detail }: PanelLocation): string {
  return detail === null ? `#/${viewId}` : `#/${viewId}/${encodeURIComponent(detail)}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

let lastHash = '';
let lastLocation = parseLocation('');

function current(): PanelLocation {
  if (window.location.hash !== lastHash) {
    lastHash = window.location.hash;
    lastLocation = parseLocation(lastHash);
  }
  return lastLocation;
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/** Where the panel is. */
export function usePanelLocation(): PanelLocation {
  return useSyncExternalStore(subscribe, current);
}

/** Goes to a view, or to something of it. */
export function goTo(viewId: string, detail: string | null = null): void {
  window.location.hash = formatLocation({ viewId, detail });
}
