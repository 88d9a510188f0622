const storageKey = 'gantry.token';

/**
 * The token of this panel. It comes once, in the address (`#t=…`), moves to the tab's own
 * storage and leaves the address, so that it is in no history and no screenshot. Null when
 * there is none.
 */
export function takeToken(): string | null {
  const { hash, pathname, search } = window.location;
  const match = /^#t=([A-Za-z0-9_-]+)(?:&(.*))?$/.exec(hash);
  if (match?.[1] !== undefined) {
    window.sessionStorage.setItem(storageKey, match[1]);
    window.history.replaceState(null, '', `${pathname}${search}${match[2] ? `#${match[2]}` : ''}`);
  }
  return window.sessionStorage.getItem(storageKey);
}

/** Keeps what opens the host from now on, so that a reloaded tab still can. */
export function keepToken(token: string): void {
  window.sessionStorage.setItem(storageKey, token);
}
