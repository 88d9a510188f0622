import { expect, it } from 'vitest';
import { updatePolicySchema } from '#shared/model/service-spec.ts';
import { brokenOrchestrator } from './broken-orchestrator.fixture.ts';
import { calm } from './crash-points.fixture.ts';
import type { ServiceShape } from './service-options.ts';
import { openProduct, runWorld } from './simulate-services.ts';
import type { OpenOrchestrator } from './simulated-app.ts';

const shape: ServiceShape = {
  name: 'api',
  kind: 'web',
  probe: 'http',
  replicasMax: 2,
  intervalMs: 200,
  hasSecret: false,
};
/** When the app looks at everything by itself. */
const fullPassMs = 10_000;
const stepMs = 0.25;
const lastMs = 12;

/** Deploys while the first rollout is watched, at each moment of a pass; the first failure, or null. */
async function deployAtEachMoment(open: OpenOrchestrator): Promise<string | null> {
  const update = updatePolicySchema.parse({ monitorMs: 60_000 });
  const change = { update, mode: { kind: 'replicated', replicas: 2 } } as const;
  for (let atMs = -1; atMs <= lastMs; atMs += stepMs) {
    const { failure } = await runWorld(1, { ...calm, services: [shape] }, open, async (world) => {
      world.people.deploy(shape, 'good', change);
      await world.runFor(fullPassMs + atMs);
      world.people.deploy(shape, 'good', change);
      await world.runFor(1_000);
    });
    if (failure !== null) return failure.message;
  }
  return null;
}

it('a deploy may come at any moment of a pass, also before anything has served', { timeout: 60_000 }, async () => {
  expect(await deployAtEachMoment(openProduct)).toBeNull();
});

it('a plan that is made from two moments of the state is caught', { timeout: 60_000 }, async () => {
  await using broken = await brokenOrchestrator([
    {
      file: 'drive/service-driver.ts',
      from: 'const service = world.store.read.service(this.serviceId);\n    if (service === null) return;\n    const revisions',
      to: 'const service = known;\n    const revisions',
    },
  ]);
  expect(await deployAtEachMoment(broken.open)).toContain('was taken out of traffic');
});
