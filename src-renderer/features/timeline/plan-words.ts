import type { Checkpoint, RollbackPlan } from '#shared/model/checkpoint.ts';
import { clockMinute, counted } from '../../app/text.ts';

/** "3 merges", "2 merges, 1 commit and 2 deploys": what a plan takes back. */
export function planObject(plan: RollbackPlan): string {
  const merges = plan.commits.filter((commit) => commit.taskKey !== null).length;
  const others = plan.commits.length - merges;
  const deploys = plan.services.length;
  return joined([
    ...(merges > 0 ? [counted(merges, 'merge')] : []),
    ...(others > 0 ? [counted(others, 'commit')] : []),
    ...(deploys > 0 ? [counted(deploys, 'deploy')] : []),
  ]);
}

/** "a", "a and b", "a, b and c" */
export function joined(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** What is said of a service between its revisions and the end of its line: "3 replicas", and "rolling". */
export function serviceNote({ note, strategy }: Pick<RollbackPlan['services'][number], 'note' | 'strategy'>): {
  readonly what: string | null;
  readonly how: string;
} {
  if (note === null) return { what: null, how: strategy };
  const [what = '', how] = note.split(': ');
  return how === undefined ? { what, how: strategy } : { what, how };
}

/** "Roll back to 13:47, after T-19" */
export function planTitle(checkpoint: Pick<Checkpoint, 'atMs'>, plan: RollbackPlan | null): string {
  const time = clockMinute(checkpoint.atMs);
  const what = plan?.title.replace(/^Roll back to /, '') ?? '';
  return what === '' ? `Roll back to ${time}` : `Roll back to ${time}, ${what}`;
}

/** "src/quote/cache.ts and 23 more" */
export function filesText(files: RollbackPlan['files']): string {
  const [first] = files.sample;
  if (first === undefined) return counted(files.count, 'file');
  return files.count > 1 ? `${first} and ${files.count - 1} more` : first;
}

/** What a commit of the plan did, without the words that git puts before it. */
export function commitTitle(commit: RollbackPlan['commits'][number]): string {
  const { taskKey, subject } = commit;
  if (taskKey === null) return subject;
  const words = subject.replace(/^Merge /, '');
  return words.startsWith(taskKey) ? words.slice(taskKey.length).replace(/^:?\s*/, '') : words;
}

/** The weighty beginning of a warning, and the rest. */
export function warningParts(warning: string): { readonly weighty: string; readonly rest: string } {
  const pause = /^Auto-merge is paused/.exec(warning);
  const end = pause === null ? warning.indexOf('. ') + 1 : pause[0].length;
  if (end <= 0) return { weighty: warning, rest: '' };
  return { weighty: warning.slice(0, end), rest: warning.slice(end) };
}

/**
 * Whether the branch or a service has moved since the plan was computed, as far as the timeline tells. The
 * host checks again when the plan is confirmed.
 */
export function planIsOutdated(plan: RollbackPlan, checkpoints: readonly Checkpoint[]): boolean {
  return checkpoints.some(
    (checkpoint) =>
      checkpoint.branch === plan.branch &&
      checkpoint.atMs > plan.computedAtMs &&
      (checkpoint.kind === 'deploy' || movesBranch(checkpoint, plan)),
  );
}

function movesBranch(checkpoint: Checkpoint, plan: RollbackPlan): boolean {
  return (
    checkpoint.afterCommit !== null &&
    checkpoint.afterCommit !== checkpoint.beforeCommit &&
    checkpoint.afterCommit !== plan.headCommit
  );
}
