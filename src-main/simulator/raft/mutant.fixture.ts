/** A Raft core that is broken on purpose. */
import type { RawNode } from '../../raft/core/raw-node.ts';
import { brokenCopy, type Edit } from '../broken-copy.fixture.ts';
import type { NodeFactory } from './simulated-node.ts';

const core = new URL('../../raft/core/', import.meta.url);

/** A core with mistakes, until it is disposed of. */
export interface Mutant extends AsyncDisposable {
  readonly createNode: NodeFactory;
}

/** Copies the core, makes the edits, and loads it. */
export async function mutant(edits: readonly Edit[]): Promise<Mutant> {
  const copy = await brokenCopy(core, edits);
  const { RawNode: Mutated } = (await copy.load('raw-node.ts')) as { RawNode: typeof RawNode };
  return {
    createNode: (config, log) => new Mutated(config, log),
    [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose](),
  };
}
