/**
 * Breaks a copy of a folder of the product on purpose, so that a test can see the mistake caught. The
 * copy lives in a temporary folder; the product has no switches for this.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { assert } from '#shared/base/assert.ts';

const shared = new URL('../../src-shared/', import.meta.url).href;

/** One edit of a folder's text. `from` occurs exactly once in `file`, so that an outdated edit is noticed. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A copy with mistakes, until it is disposed of. */
export interface BrokenCopy extends AsyncDisposable {
  /** The module that a file of the copy is. */
  load(file: string): Promise<unknown>;
}

/** Copies `source`, which ends with a slash, and makes the edits. What it imports from elsewhere is the product's own. */
export async function brokenCopy(source: URL, edits: readonly Edit[]): Promise<BrokenCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-mutant-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    for (const file of await readdir(source, { recursive: true })) {
      if (!file.endsWith('.ts') || /\.(test|fixture)\.ts$/.test(file)) continue;
      const from = new URL(file, source);
      let text = await readFile(from, 'utf8');
      for (const edit of edits.filter((candidate) => candidate.file === file)) text = edited(text, edit);
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), withImportsOf(text, from, source));
    }
    return { load: (file) => import(pathToFileURL(join(folder, file)).href), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Imports that leave the copied folder lead where they led. */
function withImportsOf(text: string, file: URL, source: URL): string {
  return text
    .replaceAll("'#shared/", `'${shared}`)
    .replaceAll(/from '(\.{1,2}\/[^']+)'/g, (statement, path: string) => {
      const target = new URL(path, file).href;
      return target.startsWith(source.href) ? statement : `from '${target}'`;
    });
}

function edited(text: string, { file, from, to }: Edit): string {
  assert(text.split(from).length === 2, `"${from}" is not exactly once in ${file}`);
  return text.replace(from, () => to);
}
