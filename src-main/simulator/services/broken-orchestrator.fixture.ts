/** An orchestrator that is broken on purpose. */
import type { OrchestratorCore } from '../../orchestrator/drive/orchestrator-core.ts';
import { brokenCopy, type Edit } from '../broken-copy.fixture.ts';
import type { OpenOrchestrator } from './simulated-app.ts';

const orchestrator = new URL('../../orchestrator/', import.meta.url);

/** An orchestrator with mistakes, until it is disposed of. */
export interface BrokenOrchestrator extends AsyncDisposable {
  readonly open: OpenOrchestrator;
}

/** Copies the orchestrator, makes the edits, and loads it. */
export async function brokenOrchestrator(edits: readonly Edit[]): Promise<BrokenOrchestrator> {
  const copy = await brokenCopy(orchestrator, edits);
  const module = (await copy.load('drive/orchestrator-core.ts')) as { OrchestratorCore: typeof OrchestratorCore };
  return {
    open: (world) => new module.OrchestratorCore(world),
    [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose](),
  };
}
