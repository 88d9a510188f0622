import type { SimulationName } from './simulations.ts';

/**
 * Seeds that once failed, on the product itself or on one of the deliberately broken copies
 * that only few seeds show. They run before any others. What a seed draws changes when a
 * draw is added or removed, so a mistake of the core is kept as a scenario or a table test too.
 */

export interface KeptSeed {
  readonly simulation: SimulationName;
  readonly seed: number;
  readonly showed: string;
}

/** The seeds, each with what it showed. */
export const keptSeeds: readonly KeptSeed[] = [
  {
    simulation: 'raft',
    seed: 131,
    showed: 'a snapshot from before a peer was added was offered to it, and refused, for ever',
  },
  {
    simulation: 'raft',
    seed: 751,
    showed: 'a snapshot that arrived while entries were being applied changed the configuration under them',
  },
  {
    simulation: 'raft',
    seed: 2622,
    showed: 'a leader that removed itself refused its vote to those who did not know of it',
  },
  { simulation: 'raft', seed: 182, showed: 'a read that no quorum had confirmed' },
  { simulation: 'raft', seed: 193, showed: 'an append of a lower term that was taken in' },
  { simulation: 'raft', seed: 202, showed: 'an up-to-date check that compared only lengths' },
  { simulation: 'raft', seed: 274, showed: 'an old heartbeat that confirmed a new read' },
  { simulation: 'raft', seed: 383, showed: 'a stale snapshot that was restored' },
  { simulation: 'services', seed: 26, showed: 'a way back that was rolled back itself' },
  { simulation: 'services', seed: 29, showed: 'two containers that wrote to one volume' },
  { simulation: 'services', seed: 118, showed: 'a replica that never served and kept its volume for ever' },
  { simulation: 'services', seed: 145, showed: 'the engine and the app replacing the same container' },
  { simulation: 'services', seed: 232, showed: 'a plan from before and after a deploy that took all traffic away' },
  { simulation: 'services', seed: 457, showed: 'a global service that served with no replicas' },
  { simulation: 'services', seed: 1116, showed: 'an edge that did not answer for a second, and lost its replicas' },
];
