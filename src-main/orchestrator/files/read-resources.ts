/** Reads a file of resources in any of its formats. */
import { GantryError } from '#shared/contract/error.ts';
import { readGantry } from './read-gantry.ts';
import type { Resources } from './resources.ts';

/** A file with its text. */
export interface ResourceFile {
  readonly format: 'gantry' | 'compose';
  /** For messages. */
  readonly fileName: string;
  readonly text: string;
  /** Values for `${NAME}` in a Compose file. */
  readonly env: Readonly<Record<string, string>>;
}

/** What the file says. Throws `invalid-spec` with file, line, column and what was expected, for all problems at once. */
export async function readResources({ format, fileName, text }: ResourceFile): Promise<Resources> {
  if (format === 'compose') throw new GantryError('invalid-spec', `${fileName}: Compose files cannot be read yet.`);
  return readGantry(fileName, text);
}
