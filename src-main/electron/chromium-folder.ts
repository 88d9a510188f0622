/** The folder in which Chromium keeps what is its own, inside the data folder. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { explainFolderFailure } from '#main/app/explain-folder-failure.ts';

/**
 * Makes the folder and answers its path. Throws what keeps it from being written: Electron's lock
 * on it would only answer that it was not got, as if another instance had it.
 */
export function makeChromiumFolder(dataFolder: string): string {
  const folder = join(dataFolder, 'electron');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch (error) {
    throw explainFolderFailure(dataFolder, error);
  }
}
