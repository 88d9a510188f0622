/** Makes the sample repository of the demo: a real one, in Gantry's own data folder. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { sampleFiles } from './sample-files.ts';

const run = promisify(execFile);

const author = { name: 'Gantry demo', email: 'demo@gantry.invalid' };

/**
 * Makes a new sample repository `demo/parcel-N` under `dataFolder` and answers its path. Earlier
 * ones are left alone: they may hold something that somebody wants to look at again.
 */
export async function makeSampleRepository(dataFolder: string): Promise<string> {
  let number = 1;
  while (existsSync(join(dataFolder, 'demo', `parcel-${number}`))) number += 1;
  const path = join(dataFolder, 'demo', `parcel-${number}`);
  for (const [file, content] of Object.entries(sampleFiles)) {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), content);
  }
  const git = (...args: string[]) =>
    run('git', args, {
      cwd: path,
      env: {
        ...process.env,
        GIT_AUTHOR_NAME: author.name,
        GIT_AUTHOR_EMAIL: author.email,
        GIT_COMMITTER_NAME: author.name,
        GIT_COMMITTER_EMAIL: author.email,
      },
    });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git(
    '-c',
    'commit.gpgSign=false',
    '-c',
    'core.hooksPath=/dev/null',
    'commit',
    '--quiet',
    '--message',
    'Start the parcel library',
  );
  return path;
}
