import { useEffect, useLayoutEffect, useState } from 'react';
import type { LaneView } from '#shared/contract/views.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Blank } from '../../../ui/state/Blank.tsx';
import { Bones } from '../../../ui/state/Bones.tsx';
import { isAtWork } from '../lane-group.ts';
import { EventLine } from './EventLine.tsx';
import { EventStory } from './event-items.ts';
import { FollowPill } from '../../../ui/log/FollowPill.tsx';
import { useFollow } from '../../../ui/log/use-follow.ts';
import { useLogStream } from '../../../client/use-log-stream.ts';

const shownAtOnce = 200;
const loadingMsMax = 1_500;
const begin = (): EventStory => new EventStory();
const take = (story: EventStory, items: Parameters<EventStory['append']>[0]): void => story.append(items);

/** What the lane said and did, as it goes on. */
export function EventsPanel({ lane }: { lane: LaneView }) {
  const { reading, batches, error } = useLogStream(
    'lane.events',
    { laneId: lane.id, runId: null, afterSeq: 0 },
    begin,
    take,
  );
  const end = useFollow();
  useLayoutEffect(() => end.keep());
  const [pages, setPages] = useState(1);
  // An agent that has said nothing is told by nothing: what takes this long is not being loaded any more.
  const [silentId, setSilentId] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSilentId(lane.id), loadingMsMax);
    return () => clearTimeout(timer);
  }, [lane.id]);
  const { items, dropped } = reading;
  const from = Math.max(0, items.length - pages * shownAtOnce);
  const earlier = from + dropped;

  if (error !== null) {
    return (
      <div className="drawer__body">
        <Blank roomy shape="failed" title="Events cannot be read.">
          <p>{error.message}</p>
        </Blank>
      </div>
    );
  }
  if (items.length === 0) {
    return (
      <div className="drawer__body">
        {batches === 0 && silentId !== lane.id && isAtWork(lane.status) ? (
          <Bones rows={4} label="Loading events" />
        ) : (
          <Blank roomy title="Nothing has happened yet.">
            <p>{lane.step}</p>
          </Blank>
        )}
      </div>
    );
  }
  return (
    <div className="drawer__body" {...end.scrolling} tabIndex={0} role="region" aria-label="Events">
      {earlier > 0 && (
        <div className="events__earlier">
          {from > 0 ? (
            <Button size="small" onClick={() => setPages(pages + 1)}>
              Show {Math.min(from, shownAtOnce)} earlier
            </Button>
          ) : (
            <span className="tertiary">{dropped} earlier events are in the journal only.</span>
          )}
        </div>
      )}
      <ol className="events">
        {items.slice(from).map((item, at) => (
          <EventLine key={item.key} item={item} isNow={from + at === items.length - 1 && isAtWork(lane.status)} />
        ))}
      </ol>
      {!end.following && <FollowPill following={false} ended={false} onFollow={end.follow} />}
    </div>
  );
}
