/**
 * Starts orchestrating on a store: goes on from what is stored, adopts what runs. Disposing it ends
 * no container: services go on, and another orchestrator finds them again.
 */
import { withCachedReads } from '../state/cached-reads.ts';
import { EngineDesk } from './drive/engine-desk.ts';
import { LoadTests } from './drive/load-tests.ts';
import { OrchestratorCore } from './drive/orchestrator-core.ts';
import { Previews } from './drive/previews.ts';
import { ReplicaDesk } from './drive/replica-desk.ts';
import { SecretDesk } from './drive/secret-desk.ts';
import { ServiceDesk } from './drive/service-desk.ts';
import type { ServiceWorld } from './drive/service-world.ts';
import { StackDesk } from './drive/stack-desk.ts';
import { Views } from './drive/views.ts';
import { VolumeDesk } from './drive/volume-desk.ts';
import type { Orchestrator } from './orchestrator.ts';

/** Builds it on its world and goes to work. */
export function openOrchestrator(given: ServiceWorld): Orchestrator {
  const world = { ...given, store: withCachedReads(given.store) };
  const core = new OrchestratorCore(world);
  const volumes = new VolumeDesk(core);
  const services = new ServiceDesk(core, (serviceId, why) => volumes.backUpFor([serviceId], why));
  const loads = new LoadTests(core);
  const previews = new Previews(core, services);
  const views = new Views(core, { loads, previews, volumes });
  core.start();
  return {
    services,
    stacks: new StackDesk(core, services),
    secrets: new SecretDesk(core, services),
    volumes,
    engines: new EngineDesk(core),
    loads,
    replicas: new ReplicaDesk(core),
    previews,
    views,
    onDidChange: core.feed.onDidChange,
    idle: () => core.idle(),
    dispose: () => {
      loads.dispose();
      views.dispose();
      previews.dispose();
      core.dispose();
    },
  };
}
