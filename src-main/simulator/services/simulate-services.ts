/**
 * One seed: the real orchestrator keeps services on simulated engines. First a phase in which
 * people deploy and everything fails that can, the app is killed again and again; then a phase
 * without faults, in which everything has to come to rest as it is wanted. The oracle looks on at
 * every order.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OrchestratorCore } from '../../orchestrator/drive/orchestrator-core.ts';
import { SeededRandom } from '../seeded-random.ts';
import { drawServiceOptions, type ServiceOptions } from './service-options.ts';
import { ServiceInvariantError } from './service-oracle.ts';
import { ServiceSimulation, type WorldCounts } from './service-simulation.ts';
import type { OpenOrchestrator } from './simulated-app.ts';

/** What became of one seed. */
export interface ServiceSimulationResult extends WorldCounts {
  readonly seed: number;
  /** Null when all held. */
  readonly failure: { readonly message: string; readonly atUs: number; readonly lastEvents: readonly string[] } | null;
}

/** The orchestrator of the product. */
export const openProduct: OpenOrchestrator = (world) => new OrchestratorCore(world);

/** Runs one seed to its end; `open` makes the orchestrator under test. A failure is part of the result. */
export async function simulateServices(
  seed: number,
  open: OpenOrchestrator = openProduct,
): Promise<ServiceSimulationResult> {
  const random = new SeededRandom(seed);
  const options = drawServiceOptions(random.fork());
  return runWorld(seed, options, open, async (world) => {
    world.startFaults();
    world.startPeople();
    await world.runFor(options.faultPhaseMs);
    world.becomeReliable();
    await world.untilWell();
  });
}

/** Runs a world of services by a script. */
export async function runWorld(
  seed: number,
  options: ServiceOptions,
  open: OpenOrchestrator,
  script: (world: ServiceSimulation) => Promise<void>,
): Promise<ServiceSimulationResult> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-services-'));
  try {
    const world = new ServiceSimulation(join(folder, 'state.db'), new SeededRandom(seed), options, open);
    let failure: ServiceSimulationResult['failure'] = null;
    try {
      await script(world);
    } catch (error) {
      failure = { message: messageOf(error), atUs: world.queue.nowUs, lastEvents: world.lastEvents() };
    } finally {
      world.dispose();
    }
    return { seed, failure, ...world.counts() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is no broken promise is a mistake of the simulator, or an error that nobody caught: where it comes from matters. */
function messageOf(error: unknown): string {
  if (error instanceof ServiceInvariantError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
