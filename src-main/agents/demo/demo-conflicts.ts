import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { hasConflictMarkers, resolveKeepingBoth } from './conflict-markers.ts';
import { type DemoSteps, say } from './demo-steps.ts';

const execute = promisify(execFile);

/** Resolves every conflict that a merge left in the worktree, keeping both sides; answers the files. */
export async function resolveConflicts(steps: DemoSteps): Promise<string[]> {
  const paths = (await filesWithMarkers()).filter((path) => existsSync(path));
  const conflicted = paths.filter((path) => hasConflictMarkers(readFileSync(path, 'utf8')));
  if (conflicted.length === 0) return [];
  say({ type: 'message', author: 'agent', text: `My work collides in ${conflicted.join(', ')}. I keep both sides.` });
  for (const path of conflicted) steps.writeFile(path, resolveKeepingBoth(readFileSync(path, 'utf8')).text);
  return conflicted;
}

/** Tracked files that may hold markers. Exit code 1 of `git grep` says that there is none. */
async function filesWithMarkers(): Promise<string[]> {
  try {
    const { stdout } = await execute('git', ['grep', '-l', '-z', '-I', '-e', '^<<<<<<< '], {
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout.split('\0').filter(Boolean);
  } catch (error) {
    if ((error as { code?: unknown }).code === 1) return [];
    if ((error as { code?: unknown }).code === 128) return []; // not a git repository
    throw error;
  }
}
