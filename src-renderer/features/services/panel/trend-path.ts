const marginPx = 4;

/** A line through what is known of `values`, oldest first, over the whole width; nulls are gaps. */
export function trendPath(values: readonly (number | null)[], width: number, height: number): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return '';
  const low = Math.min(...known);
  const high = Math.max(...known);
  // A number that stands still is a level line, and noise of a hundredth is not blown up to the full height.
  const span = Math.max(high - low, high * 0.1, Number.EPSILON);
  const stepPx = values.length < 2 ? 0 : width / (values.length - 1);
  const middle = (low + high) / 2;
  let pen: 'M' | 'L' = 'M';
  let path = '';
  values.forEach((value, index) => {
    if (value === null) {
      pen = 'M';
      return;
    }
    const y = height / 2 - ((value - middle) / span) * (height - 2 * marginPx);
    path += `${pen}${(index * stepPx).toFixed(1)} ${y.toFixed(1)}`;
    pen = 'L';
  });
  return path;
}
