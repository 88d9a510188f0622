import type { RolloutStep } from '#shared/contract/service-views.ts';

type Limit = RolloutStep['limits'][number];

/** "0.02 of 0.50 %", "181 of 250 ms", "0 of 0"; nothing measured yet is a dash. */
export function limitText({ value, max, unit }: Limit): string {
  const digits = Number.isInteger(max) && max >= 10 ? 0 : unit === '' ? 0 : 2;
  const now = value === null ? '–' : value.toFixed(digits);
  return `${now} of ${max.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}`;
}

/** How much of a limit is used, from 0 to 1. A limit of zero is used up by anything. */
export function limitShare({ value, max }: Limit): number {
  if (value === null || value <= 0) return 0;
  return max === 0 ? 1 : Math.min(1, value / max);
}

/** Whether a limit is broken. */
export function isBroken({ value, max }: Limit): boolean {
  return value !== null && value > max;
}
