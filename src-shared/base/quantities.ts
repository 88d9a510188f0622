/** Durations and sizes as files write them: `1m30s`, `250ms`, `256MB`. Reading what was written gives the same number. */

const msOf = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
const durationPart = /(\d+(?:\.\d+)?(?:e-?\d+)?)(ms|h|m|s)/gy;
const kilo = 1_024;
const bytesOf = { GB: kilo ** 3, MB: kilo ** 2, KB: kilo, B: 1 } as const;

/** Milliseconds; null for what is no duration. A bare `0` needs no unit. */
export function parseDuration(text: string): number | null {
  if (text === '0') return 0;
  durationPart.lastIndex = 0;
  let ms = 0;
  let end = 0;
  for (const match of text.matchAll(durationPart)) {
    ms += Number(match[1]) * msOf[match[2] as keyof typeof msOf];
    end = match.index + match[0].length;
  }
  return end === text.length && end > 0 && Number.isFinite(ms) ? ms : null;
}

/** The shortest exact text: `90_500` is `1m30s500ms`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (!Number.isInteger(ms)) return `${ms}ms`;
  let rest = ms;
  let text = '';
  for (const [unit, size] of Object.entries(msOf)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

/** Bytes; null for what is no size. Units count by 1,024 however they are spelt, as Docker's do. */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])(?:i?b)?|b)?$/i.exec(text);
  if (match === null) return null;
  const power = match[2] === undefined ? 0 : 'kmgt'.indexOf(match[2].toLowerCase()) + 1;
  const bytes = Number(match[1]) * kilo ** power;
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** In the largest unit that it is a whole number of. */
export function formatSize(bytes: number): string {
  for (const [unit, size] of Object.entries(bytesOf)) {
    if (bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}
