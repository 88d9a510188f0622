/** What git is told about its surroundings: nothing of the person's shell, and who commits. */

/** Who a commit is by. */
export interface GitIdentity {
  readonly name: string;
  readonly email: string;
}

/** Gantry itself: merges, rollbacks, saved work. */
export const gantryIdentity: GitIdentity = { name: 'Gantry', email: 'gantry@gantry.invalid' };

/** A lane, for what its agent left uncommitted. The address is the one its agent commits with. */
export function laneIdentity(number: number): GitIdentity {
  return { name: `Gantry lane ${number}`, email: `lane-${number}@gantry.invalid` };
}

/** Variables that make commits by `author`, committed by Gantry or by the author themselves. */
export function identityEnvironment(author: GitIdentity, committer: GitIdentity = author): Record<string, string> {
  return {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
  };
}

/** Programs that git would start for a person at a terminal. */
const interactivePrograms = new Set(['EDITOR', 'VISUAL', 'PAGER', 'PREFIX', 'SSH_ASKPASS']);

/**
 * The environment of every git command: the host's without any `GIT_…` variable (one that is
 * inherited from a hook would point git at another repository), in plain English for parsing,
 * never asking for a password, never taking a lock only to refresh an index.
 */
export function scrubEnvironment(inherited: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    const upper = name.toUpperCase();
    if (value !== undefined && !upper.startsWith('GIT_') && !interactivePrograms.has(upper)) kept[name] = value;
  }
  return {
    ...kept,
    LC_ALL: 'C',
    LANGUAGE: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    ...identityEnvironment(gantryIdentity),
  };
}

/**
 * Settings of the person's that must not reach Gantry's own commands: hooks, signing, background
 * jobs, remembered conflict resolutions. Theirs stay as they are; these hold for one command.
 */
export const overriddenConfig: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.quotePath=false',
  'commit.gpgSign=false',
  'tag.gpgSign=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'rerere.enabled=false',
  'merge.conflictStyle=merge',
  'merge.renames=true',
  'submodule.recurse=false',
  'advice.detachedHead=false',
];
