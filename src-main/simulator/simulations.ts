/** The simulations that there are, as the command line runs them: by name and seed. */
import { simulate } from './raft/simulation.ts';
import { simulateServices } from './services/simulate-services.ts';

/** `raft`: the core of a cluster of nodes. `services`: the orchestrator over engines and edges. */
export const simulationNames = ['raft', 'services'] as const;
export type SimulationName = (typeof simulationNames)[number];

/** One world to be run. */
export interface Run {
  readonly simulation: SimulationName;
  readonly seed: number;
}

/** What became of it. */
export interface RunResult extends Run {
  /** Null when all held. */
  readonly failure: { readonly message: string; readonly atUs: number; readonly lastEvents: readonly string[] } | null;
  readonly tookMs: number;
  /** Numbers of what happened, to be added up. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Runs one world to its end. */
export async function runWorldOf({ simulation, seed }: Run): Promise<RunResult> {
  const startedMs = performance.now();
  const took = (): number => performance.now() - startedMs;
  if (simulation === 'raft') {
    const { failure, events, committed, answered } = simulate(seed);
    return { simulation, seed, failure, tookMs: took(), counts: { events, committed, answered } };
  }
  const { failure, events, steps, answered, lost, refused } = await simulateServices(seed);
  return { simulation, seed, failure, tookMs: took(), counts: { events, steps, answered, lost, refused } };
}
