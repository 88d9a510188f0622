import { useSyncExternalStore } from 'react';

/**
 * The host's time. All times of the contract are the host's; a browser on another machine
 * may disagree with it, so ages are computed here.
 */
let offsetMs = 0;

/** Tells what the host's clock showed just now. */
export function setHostTime(nowMs: number): void {
  offsetMs = nowMs - Date.now();
}

/** The host's time now, in milliseconds. */
export function hostNowMs(): number {
  return Date.now() + offsetMs;
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** The host's time, told anew every second; a component that formats it coarsely should use `useTimeText`. */
export function useHostNow(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(hostNowMs() / 1_000) * 1_000);
}

/** Text made from the host's time; the component is drawn again only when the text changes. */
export function useTimeText(textAt: (nowMs: number) => string): string {
  return useSyncExternalStore(subscribe, () => textAt(hostNowMs()));
}
