/** Reads a file of resources in any of its formats. */
import { readCompose } from './compose/read-compose.ts';
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
export async function readResources({ format, fileName, text, env }: ResourceFile): Promise<Resources> {
  return format === 'gantry' ? readGantry(fileName, text) : readCompose(fileName, text, env);
}
