/**
 * One bar a number, as a single SVG path: bars stand 3 px apart on a ground line at `height`.
 * `top` is the value of a full bar; every bar is at least 1 px, so that silence shows as well.
 */
export function sparkPath(values: readonly number[], height: number, top: number): string {
  const scale = height / Math.max(1, top);
  return values
    .map((value, at) => `M${at * 3} ${height}v${-Math.min(height, Math.max(1, Math.round(value * scale)))}`)
    .join('');
}
