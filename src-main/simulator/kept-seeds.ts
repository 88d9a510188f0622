/**
 * Seeds that once failed, on the core itself or on one of the deliberately broken copies
 * that only few seeds show. They run before any others. What a seed draws changes when a
 * draw is added or removed, so a mistake of the core is kept as a scenario too.
 */

/** The seeds, each with what it showed. */
export const keptSeeds: readonly { readonly seed: number; readonly showed: string }[] = [
  { seed: 131, showed: 'a snapshot from before a peer was added was offered to it, and refused, for ever' },
  {
    seed: 751,
    showed: 'a snapshot that arrived while entries were being applied changed the configuration under them',
  },
  { seed: 2622, showed: 'a leader that removed itself refused its vote to those who did not know of it' },
  { seed: 182, showed: 'a read that no quorum had confirmed' },
  { seed: 193, showed: 'an append of a lower term that was taken in' },
  { seed: 202, showed: 'an up-to-date check that compared only lengths' },
  { seed: 274, showed: 'an old heartbeat that confirmed a new read' },
  { seed: 383, showed: 'a stale snapshot that was restored' },
];
