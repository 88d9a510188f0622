import { memo } from 'react';
import { added, clockMinute, clockTime, removed } from '../../app/text.ts';
import { Button } from '../../ui/button/Button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Icon, type IconName } from '../../ui/icon/Icon.tsx';
import { Tag } from '../../ui/label/Tag.tsx';
import '../../ui/data/figure.css';
import { type EntryKind, shortCommit, type TimelineEntry } from './timeline-entry.ts';
import { DeployEnd, DeployFacts, DeployRevisions } from './DeployFacts.tsx';
import { openPlan, useTimelineView } from './timeline-view-state.ts';
import { useUndo } from './use-undo.ts';

/** What the plan that is open does to an entry. */
export type RowFate = 'gone' | 'stays' | 'target';

export const entryIcon: Record<EntryKind, IconName> = {
  merge: 'merge',
  deploy: 'services',
  rollback: 'undo',
  yours: 'flag',
  outside: 'commit',
  opened: 'repo',
};

/** One entry of the timeline. A click anywhere on it opens the plan for going back to it. */
export const CheckpointRow = memo(function CheckpointRow({
  entry,
  fate,
}: {
  entry: TimelineEntry;
  fate: RowFate | null;
}) {
  const struck = entry.undoneBy !== null;
  return (
    <li
      className={classNames(
        'cp',
        fate === 'gone' && 'cp--gone',
        fate === 'target' && 'cp--target',
        struck && 'cp--struck',
      )}
    >
      <time dateTime={new Date(entry.atMs).toISOString()} title={clockTime(entry.atMs)}>
        {clockMinute(entry.atMs)}
      </time>
      <span className="cp__node">
        <Icon name={entryIcon[entry.kind]} small />
      </span>
      <span className="cp__id truncate" title={entry.name}>
        {entry.name}
      </span>
      <div className="cp__main">
        <button
          type="button"
          className="cp__title"
          disabled={entry.commit === null}
          title={`Roll back to ${clockTime(entry.atMs)}…`}
          onClick={() => openPlan(entry.id)}
        >
          <span className="truncate">
            {entry.title}
            {entry.deploy !== null && <DeployRevisions title={entry.title} deploy={entry.deploy} />}
          </span>
        </button>
        {entry.deploy === null ? <Facts entry={entry} /> : <DeployFacts entry={entry} deploy={entry.deploy} />}
      </div>
      <RowEnd entry={entry} fate={fate} />
    </li>
  );
});

function Facts({ entry }: { entry: TimelineEntry }) {
  const { place, commit, facts, added: more, removed: less, undoneBy } = entry;
  const lines = more !== null || less !== null;
  return (
    <div className="cp__sub truncate">
      {place !== null && `${place} `}
      {commit !== null && (
        <code className={place === null ? 'cp__hash' : undefined} title={commit}>
          {shortCommit(commit)}
        </code>
      )}
      {commit !== null && (place === null ? ' ' : facts.length > 0 && ', ')}
      {facts.join(', ')}
      {lines && (
        <>
          {facts.length > 0 && ', '}
          {added(more ?? 0) !== '' && <span className="add">{added(more ?? 0)}</span>}
          {added(more ?? 0) !== '' && removed(less ?? 0) !== '' && ' '}
          {removed(less ?? 0) !== '' && <span className="del">{removed(less ?? 0)}</span>}
        </>
      )}
      {undoneBy !== null && `, undone by ${undoneBy}`}
    </div>
  );
}

function RowEnd({ entry, fate }: { entry: TimelineEntry; fate: RowFate | null }) {
  const undo = useUndo();
  const backTo = useTimelineView((view) => view.servicesBack.get(entry.deploy?.serviceId ?? ''));
  if (fate === 'gone') {
    return (
      <Tag tone="failed" icon="undo">
        {backTo === undefined ? 'reverted' : `back to ${backTo}`}
      </Tag>
    );
  }
  if (fate === 'target') return <Tag tone="accent">target</Tag>;
  if (fate === 'stays') return <Tag>stays</Tag>;
  if (entry.commit === null) return <Tag tone="running">{entry.kind === 'merge' ? 'landing' : 'under way'}</Tag>;
  if (entry.deploy !== null) return <DeployEnd name={entry.name} deploy={entry.deploy} />;
  if (entry.undo === null) return <span />;
  const { rollbackId, name } = entry.undo;
  return (
    <Button size="small" icon="undo" className="cp__undo" aria-label={`Undo ${name}`} onClick={() => undo(rollbackId)}>
      Undo
    </Button>
  );
}
