/**
 * Many whole numbers in few characters: "1-400,403". A checkpoint names all tasks of its project
 * this way, since naming each would make the timeline grow with the square of the work done.
 */

/** The ranges of numbers that ascend; "" for none. */
export function toNumberRanges(ascending: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const number of ascending) {
    const range = ranges.at(-1);
    if (range !== undefined && number === range.last + 1) range.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** How many numbers some ranges hold. */
export function countOfNumberRanges(ranges: string): number {
  if (ranges === '') return 0;
  return ranges.split(',').reduce((count, range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return count + last - first + 1;
  }, 0);
}
