/** The plan of a rollback as a person reads it before saying --yes. */
import type { RollbackPlan } from '#shared/model/checkpoint.ts';

/** One line for each thing that happens, and what to know before. */
export function rollbackLines(plan: RollbackPlan): string[] {
  const { title, commits, files, services, lanes, tasks, warnings } = plan;
  return [
    title,
    ...commits.map(
      ({ commit, subject, files: count }) => `  reverts ${commit.slice(0, 7)}  ${subject}  (${count} files)`,
    ),
    ...(commits.length === 0 ? [] : [`  ${files.count} files change, +${files.added} -${files.removed}`]),
    ...services.map(({ name, fromRevision, toRevision, strategy, note }) => {
      const from = fromRevision === null ? 'gets revision' : `goes from revision ${fromRevision} to`;
      return `  ${name} ${from} ${toRevision}  (${note ?? strategy})`;
    }),
    ...lanes.map(({ number, title: work }) => `  interrupts lane ${number}  ${work}`),
    ...tasks.map(({ key, title: work }) => `  opens ${key} again  ${work}`),
    ...warnings.map((warning) => `  note: ${warning}`),
    commits.length + services.length === 0
      ? 'There is nothing to roll back: files and services are as they were then.'
      : 'Nothing was changed. Add --yes to do it.',
  ];
}

/** "2 merges, 1 commit and 1 deploy": what a plan takes back. */
export function takenBackText({ commits, services }: Pick<RollbackPlan, 'commits' | 'services'>): string {
  const counted = (count: number, noun: string): string[] =>
    count === 0 ? [] : [`${count} ${noun}${count === 1 ? '' : 's'}`];
  const merges = commits.filter(({ taskKey }) => taskKey !== null).length;
  const parts = [
    ...counted(merges, 'merge'),
    ...counted(commits.length - merges, 'commit'),
    ...counted(services.length, 'deploy'),
  ];
  const last = parts.at(-1) ?? 'nothing';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
