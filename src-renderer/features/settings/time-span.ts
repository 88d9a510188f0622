/** Lengths of time as a person writes them in a field: "10 min", "90 s". Minutes where nothing is said. */

const minuteMs = 60_000;
const secondMs = 1_000;

const unitMs: Readonly<Record<string, number>> = {
  s: secondMs,
  sec: secondMs,
  min: minuteMs,
  m: minuteMs,
  h: 60 * minuteMs,
};

/** "10 min", and "90 s" where it is no whole number of minutes. What `readSpan` reads as the same length. */
export function spanText(ms: number): string {
  return ms % minuteMs === 0 ? `${ms / minuteMs} min` : `${ms / secondMs} s`;
}

/** Milliseconds of "10 min", "10", "1.5 min", "90 s" or "2 h"; null for anything else. */
export function readSpan(text: string): number | null {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(text.trim().toLowerCase()) ?? [];
  const eachMs = unitMs[unit === '' ? 'min' : (unit ?? '')];
  return digits === undefined || eachMs === undefined ? null : Math.round(Number(digits) * eachMs);
}
