/** What a lane's branch and folder are called: `gantry/12-add-login` in `lane-12-add-login`. */
import type { BranchName } from '#shared/model/ids.ts';

/** All branches that Gantry makes begin with this. */
export const branchPrefix = 'gantry/';
const folderPrefix = 'lane-';
const slugCharsMax = 40;

/** Plain letters and digits of a title, joined by dashes; `work` when there are none. */
export function slugOf(title: string): string {
  const words = title
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  const slug = (words ?? []).join('-').slice(0, slugCharsMax).replace(/-$/, '');
  return slug === '' ? 'work' : slug;
}

/** `12-add-login`, or `12-add-login-2` for the second one that wants that name. */
export function laneNameOf(number: number, title: string, occurrence = 1): string {
  return `${number}-${slugOf(title)}${occurrence > 1 ? `-${occurrence}` : ''}`;
}

export function laneBranchOf(name: string): BranchName {
  return `${branchPrefix}${name}` as BranchName;
}

export function laneFolderOf(name: string): string {
  return `${folderPrefix}${name}`;
}

/** The name and number in the folder of a lane's worktree; null for any other folder. */
export function parseLaneFolder(folder: string): { name: string; number: number } | null {
  const match = /^lane-((\d{1,9})-[a-z0-9-]+)$/.exec(folder);
  return match?.[1] && match[2] ? { name: match[1], number: Number(match[2]) } : null;
}

/** Where merges land while the target's checkout is not clean: `gantry/main`. */
export function detourOf(target: BranchName): BranchName {
  return `${branchPrefix}${target}` as BranchName;
}
