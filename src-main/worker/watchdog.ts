/** Decides when a run that nobody stopped has to end. Pure: the facts and the time come in. */

export interface WatchdogFacts {
  /** When the run last got on, monotonic. Retries and unknown lines are no progress. */
  readonly progressAtMs: number;
  /** How long it has run, without the time in which it was paused. */
  readonly activeMs: number;
  readonly paused: boolean;
  /** It waits for a person: a permission request, or the next prompt. */
  readonly waitsForPerson: boolean;
  readonly stallMs: number;
  readonly timeoutMs: number;
}

/** `stalled` and `timed-out` end the run; null lets it be. */
export function watchdogVerdict(facts: WatchdogFacts, nowMs: number): 'stalled' | 'timed-out' | null {
  if (facts.paused) return null;
  if (facts.activeMs >= facts.timeoutMs) return 'timed-out';
  if (facts.waitsForPerson) return null;
  return nowMs - facts.progressAtMs >= facts.stallMs ? 'stalled' : null;
}
