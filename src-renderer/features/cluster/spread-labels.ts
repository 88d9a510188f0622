/** Moves labels apart so that none lies on another: at least `gap` between two, in their order. Nulls stay. */
export function spreadLabels(places: readonly (number | null)[], gap: number): (number | null)[] {
  const order = places
    .flatMap((place, at) => (place === null ? [] : [{ place, at }]))
    .sort((a, b) => a.place - b.place);
  const spread = places.map(() => null as number | null);
  let before = Number.NEGATIVE_INFINITY;
  for (const { place, at } of order) {
    before = Math.max(place, before + gap);
    spread[at] = before;
  }
  const overflow = Math.max(0, before - 100);
  if (overflow === 0) return spread;
  // Pushed back from the lower edge, those above give way in turn.
  let limit = 100;
  for (const { at } of order.toReversed()) {
    const place = Math.min(spread[at] ?? limit, limit);
    spread[at] = place;
    limit = place - gap;
  }
  return spread;
}
