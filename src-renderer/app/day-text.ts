/** How days are written everywhere. Pure: both times come in, in milliseconds. */

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
const dayMs = 86_400_000;

/** "21 November"; with the year where it is not that of `nowMs`. */
export function dayName(atMs: number, nowMs: number): string {
  const date = new Date(atMs);
  const day = `${date.getDate()} ${months[date.getMonth()]}`;
  const year = date.getFullYear();
  return year === new Date(nowMs).getFullYear() ? day : `${day} ${year}`;
}

/** "Friday, 21 November", for the head of what happened on that day. */
export function dayTitle(atMs: number, nowMs: number): string {
  return `${weekdays[new Date(atMs).getDay()]}, ${dayName(atMs, nowMs)}`;
}

/** "today", "yesterday", "21 November": within a sentence. */
export function dayWords(atMs: number, nowMs: number): string {
  const startOfDay = (ms: number): number => new Date(ms).setHours(0, 0, 0, 0);
  // A day on which clocks change has 23 or 25 hours.
  const days = Math.round((startOfDay(nowMs) - startOfDay(atMs)) / dayMs);
  if (days <= 0) return 'today';
  return days === 1 ? 'yesterday' : dayName(atMs, nowMs);
}
