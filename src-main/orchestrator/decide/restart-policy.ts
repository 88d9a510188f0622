/** When the next container of a slot may be made, after one that did not last. */
import type { RestartPolicy } from '#shared/model/service-spec.ts';

/** How the newest container of a slot went. */
export interface LastAttempt {
  readonly attempt: number;
  /** Null if it could not be started. */
  readonly startedAtMs: number | null;
  /** When it ended, or was found not to work. */
  readonly failedAtMs: number;
  /** Null if it did not end by itself. */
  readonly exitCode: number | null;
  /** It ended together with its engine. */
  readonly isExcused: boolean;
}

/** What follows. */
export type RestartVerdict =
  /** The next one is to be made, not before `atMs`. */
  | { readonly kind: 'retry'; readonly attempt: number; readonly atMs: number }
  /** It did what it was for. */
  | { readonly kind: 'complete' }
  /** It is left as it is until a person deploys again. */
  | { readonly kind: 'leave'; readonly why: string };

/**
 * Failures in a row wait twice as long each time, from `delayMs` up to `delayMsMax`. A container
 * that lasted for `windowMs` begins the count afresh; after `attemptsMax` that did not, no more follow.
 */
export function restartVerdict(policy: RestartPolicy, last: LastAttempt): RestartVerdict {
  const { condition, delayMs, delayMsMax, attemptsMax, windowMs } = policy;
  if (last.isExcused) return { kind: 'retry', attempt: 1, atMs: last.failedAtMs };
  if (condition !== 'any' && last.exitCode === 0) return { kind: 'complete' };
  if (condition === 'none') return { kind: 'leave', why: 'its restart policy is "none"' };
  const lasted = last.startedAtMs !== null && last.failedAtMs - last.startedAtMs >= windowMs;
  const failures = lasted ? 1 : last.attempt;
  if (attemptsMax !== null && failures >= attemptsMax) {
    return { kind: 'leave', why: `it failed ${failures} times in a row, and its restart policy allows no more` };
  }
  const waitMs = Math.min(delayMsMax, delayMs * 2 ** Math.min(failures - 1, 30));
  return { kind: 'retry', attempt: lasted ? 1 : failures + 1, atMs: last.failedAtMs + waitMs };
}
