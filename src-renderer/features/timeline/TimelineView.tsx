import { useEffect, useMemo, useState } from 'react';
import { dayTitle } from '../../app/day-text.ts';
import { hostNowMs } from '../../client/host-clock.ts';
import { useConnection } from '../../client/use-stream.ts';
import { Button } from '../../ui/button/Button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Blank } from '../../ui/state/Blank.tsx';
import { Bones } from '../../ui/state/Bones.tsx';
import { CheckpointDialog } from './CheckpointDialog.tsx';
import { CheckpointRow, type RowFate } from './CheckpointRow.tsx';
import { GitGutter } from './GitGutter.tsx';
import { PlanDialog } from './PlanDialog.tsx';
import { entryKindWord, TimelineHead } from './TimelineHead.tsx';
import type { TimelineEntry } from './timeline-entry.ts';
import { timelineRows } from './timeline-rows.ts';
import { closePlan, setTimelineView, useTimelineView } from './timeline-view-state.ts';
import { type Timeline, useTimeline } from './use-timeline.ts';
import { useTimelineActions } from './use-timeline-actions.ts';
import './timeline.css';

/** So many rows are drawn at first; older ones on wish. */
const shownAtFirst = 200;

/** Everything that moved the target, newest first; any of it can be rolled back to. */
export default function TimelineView() {
  const timeline = useTimeline();
  const planOf = useTimelineView((state) => state.planOf);
  const naming = useTimelineView((state) => state.naming);
  const isOld = useConnection().state !== 'live';
  useTimelineActions(timeline);
  useEffect(() => closePlan, []);

  const { state, entries, checkpoints } = timeline;
  const target = checkpoints.find((checkpoint) => checkpoint.id === planOf);
  return (
    <div className={classNames('timeline', isOld && 'is-stale')}>
      {state.state === 'loading' && <Bones rows={9} label="Loading the timeline" />}
      {state.state === 'failed' && (
        <Blank roomy heading="h1" shape="failed" title="The timeline cannot be shown.">
          <p>{state.error.message}</p>
        </Blank>
      )}
      {state.state === 'ready' && entries.length === 0 && <NoCheckpoints />}
      {state.state === 'ready' && entries.length > 0 && (
        <>
          <TimelineHead timeline={timeline} />
          <EntryList timeline={timeline} />
        </>
      )}
      {target !== undefined && <PlanDialog key={target.id} checkpoint={target} checkpoints={checkpoints} />}
      {naming && <CheckpointDialog />}
    </div>
  );
}

function NoCheckpoints() {
  return (
    <Blank
      roomy
      heading="h1"
      title="No checkpoints yet."
      actions={
        <Button size="small" icon="flag" onClick={() => setTimelineView({ naming: true })}>
          Checkpoint now
        </Button>
      }
    >
      <p>
        One is taken before every merge and every deploy. Any of them can be rolled back to, and the rollback undone.
      </p>
    </Blank>
  );
}

function EntryList({ timeline }: { timeline: Timeline }) {
  const kinds = useTimelineView((state) => state.kinds);
  const planOf = useTimelineView((state) => state.planOf);
  const takenBack = useTimelineView((state) => state.takenBack);
  const servicesBack = useTimelineView((state) => state.servicesBack);
  const [limit, setLimit] = useState(shownAtFirst);
  const passing = useMemo(
    () => timeline.entries.filter((entry) => kinds.size === 0 || kinds.has(entry.kind)),
    [timeline.entries, kinds],
  );
  const rows = useMemo(() => {
    const nowMs = hostNowMs();
    return timelineRows(passing.slice(0, limit), (atMs) => dayTitle(atMs, nowMs));
  }, [passing, limit]);
  const fates = useMemo(
    () => fatesOf(passing, planOf, takenBack, servicesBack),
    [passing, planOf, takenBack, servicesBack],
  );

  if (passing.length === 0) {
    const words = [...kinds].map((kind) => entryKindWord[kind].toLowerCase()).join(' or ');
    return (
      <Blank
        roomy
        title={`No ${words} in the timeline.`}
        actions={
          <Button size="small" shortcut="escape" onClick={() => setTimelineView({ kinds: new Set() })}>
            Clear filter
          </Button>
        }
      >
        <p>{timeline.entries.length} checkpoints are hidden by the filter.</p>
      </Blank>
    );
  }
  return (
    <div className="timeline__list">
      <div className="cps">
        <GitGutter rows={rows} fates={fates} complete={passing.length <= limit} />
        <ol aria-label="Checkpoints, newest first">
          {rows.map((row) =>
            row.kind === 'day' ? (
              <li key={row.key} className="day">
                <h2>{row.title}</h2>
              </li>
            ) : (
              <CheckpointRow key={row.key} entry={row.entry} fate={fates.get(row.entry.id) ?? null} />
            ),
          )}
        </ol>
      </div>
      {passing.length > limit && (
        <div className="timeline__more">
          <Button size="small" onClick={() => setLimit((before) => before + shownAtFirst)}>
            Show {Math.min(shownAtFirst, passing.length - limit)} older
          </Button>
        </div>
      )}
    </div>
  );
}

/** What the open plan does to each entry: those from the target upwards have a fate. */
function fatesOf(
  entries: readonly TimelineEntry[],
  planOf: string | null,
  takenBack: ReadonlySet<string>,
  servicesBack: ReadonlyMap<string, number>,
): ReadonlyMap<string, RowFate> {
  const fates = new Map<string, RowFate>();
  if (planOf === null || !entries.some((entry) => entry.id === planOf)) return fates;
  for (const entry of entries) {
    if (entry.id === planOf) {
      fates.set(entry.id, 'target');
      break;
    }
    const movesTarget = entry.kind === 'merge' || entry.kind === 'outside';
    if (movesTarget && entry.commit !== null && takenBack.has(entry.commit)) fates.set(entry.id, 'gone');
    else if (entry.deploy !== null) fates.set(entry.id, servicesBack.has(entry.deploy.serviceId) ? 'gone' : 'stays');
    else if (entry.kind === 'yours') fates.set(entry.id, 'stays');
  }
  return fates;
}
