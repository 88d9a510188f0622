/** The app killed at every single step of a rollout: before it happens, and before it is heard of. */
import { updatePolicySchema } from '#shared/model/service-spec.ts';
import type { Crash } from './app-life.ts';
import { noFaults } from './connection-faults.ts';
import type { Fate } from './fate.ts';
import type { ServiceOptions, ServiceShape } from './service-options.ts';
import type { ServiceSimulation } from './service-simulation.ts';
import { type ServiceSimulationResult, runWorld } from './simulate-services.ts';
import { ServiceInvariantError } from './service-oracle.ts';
import { simulatedServiceId } from './people.ts';
import type { OpenOrchestrator } from './simulated-app.ts';

/** A rollout to be interrupted: an update of what serves well. */
export interface Interrupted {
  readonly name: string;
  readonly policy: object;
  readonly fate: Fate;
  readonly shape?: Partial<ServiceShape>;
}

const shape: ServiceShape = {
  name: 'api',
  kind: 'web',
  probe: 'http',
  replicasMax: 2,
  intervalMs: 200,
  hasSecret: true,
};
const steps = [{ weightPercent: 50, holdMs: 500 }];
const seed = 1;
const restMs = 2_000;

/** What is interrupted: each strategy with what works, and each way to fail. */
export const interruptions: readonly Interrupted[] = [
  { name: 'rolling, start-first', policy: { strategy: 'rolling' }, fate: 'good' },
  { name: 'rolling, stop-first', policy: { strategy: 'rolling', order: 'stop-first' }, fate: 'good' },
  { name: 'blue-green', policy: { strategy: 'blue-green', keepPreviousMs: 1_000 }, fate: 'good' },
  { name: 'canary', policy: { strategy: 'canary', canarySteps: steps, keepPreviousMs: 0 }, fate: 'good' },
  { name: 'rolling onto what exits', policy: { strategy: 'rolling' }, fate: 'exits' },
  { name: 'blue-green onto what is never healthy', policy: { strategy: 'blue-green' }, fate: 'deaf' },
  { name: 'canary onto what cannot be made', policy: { strategy: 'canary', canarySteps: steps }, fate: 'unmakeable' },
  { name: 'rolling of a database', policy: {}, fate: 'good', shape: { kind: 'database', replicasMax: 1 } },
];

/** A world in which nothing goes wrong by itself. */
export const calm: Omit<ServiceOptions, 'services'> = {
  hosts: 1,
  faultPhaseMs: 0,
  betweenKillsMs: 1e9,
  betweenFaultsMs: 1e9,
  betweenDeedsMs: 1e9,
  crash: 0,
  connection: noFaults(),
  noLeader: 0,
  goodness: 1,
};

/**
 * Plays the rollout, the app killed as `crash` says at the given step after its deploy. Answers with
 * how many steps it took from there on; a failure is part of the result.
 */
export async function interrupt(
  { policy, fate, shape: other = {} }: Interrupted,
  open: OpenOrchestrator,
  crash: { readonly step: number; readonly when: Crash } | null,
): Promise<ServiceSimulationResult & { readonly rolloutSteps: number }> {
  const service = { ...shape, ...other };
  const update = updatePolicySchema.parse({ monitorMs: 300, healthDeadlineMs: 2_000, drainMs: 1_000, ...policy });
  const change = { update, rollback: update, ...(service.kind === 'database' ? {} : { mode: two }) };
  let rolloutSteps = 0;
  const result = await runWorld(seed, { ...calm, services: [service] }, open, async (world) => {
    world.people.deploy(service, 'good', change);
    await world.untilWell(0);
    const before = world.steps;
    world.crashAt = (step) => (step - before === crash?.step ? crash.when : null);
    world.people.deploy(service, fate, change);
    await world.untilWell(restMs);
    rolloutSteps = world.steps - before;
    checkServing(world, fate);
  });
  return { ...result, rolloutSteps };
}

const two = { kind: 'replicated' as const, replicas: 2 };

/** What works serves; what does not was rolled back. */
function checkServing(world: ServiceSimulation, fate: Fate): void {
  const serving = world.store.read.service(simulatedServiceId(shape.name))?.servingRevision;
  const wanted = fate === 'good' ? 2 : 1;
  if (serving !== wanted) throw new ServiceInvariantError(`revision ${serving} serves in the end, not ${wanted}`);
}
