import { useMemo } from 'react';
import type { Rollback } from '#shared/model/checkpoint.ts';
import { clockMinute, counted } from '../../app/text.ts';
import { hostNowMs } from '../../client/host-clock.ts';
import { Button } from '../../ui/button/Button.tsx';
import { Icon } from '../../ui/icon/Icon.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { Chip } from '../../ui/label/Chip.tsx';
import { Banner } from '../../ui/state/Banner.tsx';
import { PageHead } from '../../ui/state/PageHead.tsx';
import { entryIcon } from './CheckpointRow.tsx';
import { joined } from './plan-words.ts';
import { type EntryKind, revertedTasks, rollbackName, serviceNameOf } from './timeline-entry.ts';
import { lastRollback, timelineHeadline } from './timeline-headline.ts';
import { setTimelineView, useTimelineView } from './timeline-view-state.ts';
import type { Timeline } from './use-timeline.ts';
import { useUndo } from './use-undo.ts';

export const entryKindWord: Record<EntryKind, string> = {
  merge: 'Merges',
  deploy: 'Deploys',
  rollback: 'Rollbacks',
  yours: 'Yours',
  outside: 'Outside',
  opened: 'Opened',
};
const chipKinds = ['merge', 'deploy', 'rollback', 'yours', 'outside'] as const satisfies readonly EntryKind[];

/** The sentence, what the last rollback allows, and the filter. */
export function TimelineHead({ timeline }: { timeline: Timeline }) {
  const kinds = useTimelineView((state) => state.kinds);
  const { entries, rollbacks } = timeline;
  const counts = useMemo(() => {
    const counted = new Map<EntryKind, number>();
    for (const { kind } of entries) counted.set(kind, (counted.get(kind) ?? 0) + 1);
    return counted;
  }, [entries]);
  const last = lastRollback(rollbacks);
  const shown = chipKinds.filter((kind) => (counts.get(kind) ?? 0) > 0 || kinds.has(kind));
  const toggle = (kind: EntryKind): void => {
    const next = new Set(kinds);
    if (!next.delete(kind)) next.add(kind);
    setTimelineView({ kinds: next });
  };
  return (
    <>
      <PageHead
        sentence={timelineHeadline(entries, rollbacks, new Date(hostNowMs()).setHours(0, 0, 0, 0))}
        evidence="One is taken before every merge, deploy and rollback. History is never rewritten."
        actions={
          <Button icon="flag" onClick={() => setTimelineView({ naming: true })}>
            Checkpoint now
          </Button>
        }
      />
      <div className="timeline__bar">
        {last !== null && <LastRollback rollback={last} timeline={timeline} />}
        {shown.length > 0 && (
          <div className="timeline__chips" role="toolbar" aria-label="Filter by kind">
            {shown.map((kind) => (
              <Chip key={kind} pressed={kinds.has(kind)} onToggle={() => toggle(kind)}>
                <Icon name={entryIcon[kind]} small />
                {entryKindWord[kind]} <b>{counts.get(kind) ?? 0}</b>
              </Chip>
            ))}
          </div>
        )}
      </div>
    </>
  );
}

/** The newest rollback while it is under way, can be undone, or was refused. */
function LastRollback({ rollback, timeline }: { rollback: Rollback; timeline: Timeline }) {
  const undo = useUndo();
  const name = rollbackName(rollback);
  const reverted = revertedTasks(rollback);
  if (rollback.stage === 'undone') return null;
  if (rollback.stage === 'refused') {
    return (
      <Banner tone="failed" className="undo" lead={<Mark shape="failed" label="Failed" />}>
        <span className="strong">{name} was refused.</span> {rollback.detail ?? 'Nothing was changed.'}
      </Banner>
    );
  }
  if (rollback.stage !== 'done') {
    return (
      <Banner className="undo" lead={<Mark shape="running" label="Running" />}>
        <span className="strong">
          {rollback.stage === 'undoing' ? `${name} is being taken back.` : `${name} is rolling back.`}
        </span>{' '}
        <span className="secondary">Merges wait until it has ended.</span>
      </Banner>
    );
  }
  const commits = timeline.checkpoints.filter(
    (checkpoint) => checkpoint.undoneBy === rollback.id && checkpoint.kind !== 'deploy',
  ).length;
  const services = rollback.services.map(({ serviceId }) => serviceNameOf(serviceId));
  const work = reverted ?? codeText(rollback, commits);
  const what = joined([...services, ...(work === null ? [] : [work])]);
  return (
    <Banner
      className="undo"
      lead={<Icon name="undo" />}
      actions={
        <Button size="small" onClick={() => undo(rollback.id)}>
          Undo {name}
        </Button>
      }
    >
      <div className="truncate">
        <span className="strong">
          {name} rolled back {what} at {clockMinute(rollback.startedAtMs)}.
        </span>{' '}
        <span className="secondary undo__what">
          {rollback.detail ?? `Undo brings back ${undoObject(rollback, commits)}.`}
        </span>
      </div>
    </Banner>
  );
}

/** "2 commits"; "the code" where it moved by commits that have no entry of their own; null where it stayed. */
function codeText({ beforeCommit, afterCommit }: Rollback, commits: number): string | null {
  if (commits > 0) return counted(commits, 'commit');
  return afterCommit !== null && afterCommit !== beforeCommit ? 'the code' : null;
}

/** "1 commit and revision 5" */
function undoObject(rollback: Rollback, commits: number): string {
  const revisions = rollback.services.flatMap(({ fromRevision }) => (fromRevision === null ? [] : [fromRevision]));
  const [revision] = revisions;
  const deploys =
    revision === undefined
      ? []
      : [revisions.length === 1 ? `revision ${revision}` : counted(revisions.length, 'revision')];
  const code = codeText(rollback, commits);
  return joined([...(code === null ? [] : [code]), ...deploys]);
}
