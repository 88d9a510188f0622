/**
 * Breaks a copy of the Raft core on purpose, so that a test can see the mistake caught. The
 * copy lives in a temporary folder; the product has no switches for this.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { assert } from '#shared/base/assert.ts';
import type { RawNode } from '../../raft/core/raw-node.ts';
import type { NodeFactory } from './simulated-node.ts';

const core = fileURLToPath(new URL('../../raft/core/', import.meta.url));
const shared = new URL('../../../src-shared/', import.meta.url).href;

/** One edit of the core's text. `from` occurs exactly once in `file`, so that an outdated edit is noticed. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A core with mistakes, until it is disposed of. */
export interface Mutant extends AsyncDisposable {
  readonly createNode: NodeFactory;
}

/** Copies the core, makes the edits, and loads it. */
export async function mutant(edits: readonly Edit[]): Promise<Mutant> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-mutant-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    for (const file of await readdir(core, { recursive: true })) {
      if (!file.endsWith('.ts') || /\.(test|fixture)\.ts$/.test(file)) continue;
      let text = await readFile(join(core, file), 'utf8');
      for (const edit of edits.filter((candidate) => candidate.file === file)) text = edited(text, edit);
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text.replaceAll("'#shared/", `'${shared}`));
    }
    const module: unknown = await import(pathToFileURL(join(folder, 'raw-node.ts')).href);
    const { RawNode: Mutated } = module as { RawNode: typeof RawNode };
    return { createNode: (config, log) => new Mutated(config, log), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function edited(text: string, { file, from, to }: Edit): string {
  assert(text.split(from).length === 2, `"${from}" is not exactly once in ${file}`);
  return text.replace(from, () => to);
}
