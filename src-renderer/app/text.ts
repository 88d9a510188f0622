/** How numbers, sizes and times are written everywhere. Pure: the time comes in. */

const minus = '−';

/** 1,204: groups of three, real minus sign. */
export function count(value: number): string {
  const text = Math.round(Math.abs(value))
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
  return value < 0 ? `${minus}${text}` : text;
}

/** 4.82 M, 212 k, 730: tokens and the like. */
export function compactCount(value: number): string {
  if (value >= 1_000_000) return `${(value / 1_000_000).toFixed(2)} M`;
  if (value >= 10_000) return `${Math.round(value / 1_000)} k`;
  if (value >= 1_000) return `${(value / 1_000).toFixed(1)} k`;
  return String(Math.round(value));
}

/** $31.40 */
export function money(usd: number): string {
  return `$${usd.toFixed(2)}`;
}

/** 412 MB, 9.8 GB: powers of 1,000, as disks and engines print them. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const digits = unit < 3 || value >= 10 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** +182 and −12; an empty text for zero. */
export function added(lines: number): string {
  return lines === 0 ? '' : `+${lines}`;
}
export function removed(lines: number): string {
  return lines === 0 ? '' : `${minus}${lines}`;
}

/** 0:48, 18:42, 2:05:00: how long something has been going on. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** 0.1 s, 21.4 s, 3 min: how long something took, where tenths of a second are enough. */
export function seconds(ms: number): string {
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : duration(ms);
}

/** 184 ms, 4.1 s, 38 s, 36 min, 2 h, 3 days: a length of time in words. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  if (seconds < 90) return `${Math.floor(seconds)} s`;
  const minutes = seconds / 60;
  if (minutes < 90) return `${Math.floor(minutes)} min`;
  const hours = minutes / 60;
  if (hours < 36) return `${Math.floor(hours)} h`;
  return `${Math.floor(hours / 24)} days`;
}

/** 48 s: an age, in whole seconds at least. */
export function age(ms: number): string {
  return ms < 1_000 ? '0 s' : ms < 10_000 ? `${Math.floor(ms / 1_000)} s` : duration(ms);
}

/** 14:31:20, by the clock of the person's machine. */
export function clockTime(atMs: number): string {
  const date = new Date(atMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** 14:31 */
export function clockMinute(atMs: number): string {
  return clockTime(atMs).slice(0, 5);
}

/** "1 lane", "2 lanes": `counted(2, 'lane')`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}
