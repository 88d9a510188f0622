import type { ItemOf } from '#shared/contract/contract.ts';
import type { LaneView } from '#shared/contract/views.ts';
import { count } from '../../../app/text.ts';
import { Blank } from '../../../ui/state/Blank.tsx';
import { Bones } from '../../../ui/state/Bones.tsx';
import { isAtWork } from '../lane-group.ts';
import { FollowPill } from '../../../ui/log/FollowPill.tsx';
import { LineScroller } from '../../../ui/log/LineScroller.tsx';
import { LogLines } from './log-lines.ts';
import { Spans } from '../../../ui/log/Output.tsx';
import './log.css';
import './events.css';
import { useFollow } from '../../../ui/log/use-follow.ts';
import { useLogStream } from '../../../client/use-log-stream.ts';

/** What was read of the log, and of which run. */
interface LogReading {
  lines: LogLines;
  runId: string | null;
}
const begin = (): LogReading => ({ lines: new LogLines(), runId: null });
const take = (reading: LogReading, items: readonly ItemOf<'lane.log'>[]): void => {
  for (const { runId, text } of items) {
    // A new run writes a log of its own.
    if (runId !== reading.runId) Object.assign(reading, { lines: new LogLines(), runId });
    reading.lines.append(text);
  }
};

/** The raw output of the lane's newest run. Follows the end until it is scrolled away from. */
export function LogPanel({ lane }: { lane: LaneView }) {
  const { reading, batches, error, ended } = useLogStream(
    'lane.log',
    { laneId: lane.id, runId: null, fromByte: 0 },
    begin,
    take,
  );
  const { lines, dropped } = reading.lines;
  const end = useFollow();

  if (error !== null || lines.length === 0) {
    return (
      <div className="drawer__body">
        {error !== null ? (
          <Blank roomy shape="failed" title="The log cannot be read.">
            <p>{error.message}</p>
          </Blank>
        ) : batches === 0 && isAtWork(lane.status) ? (
          <Bones rows={4} label="Loading the log" />
        ) : (
          <Blank roomy title="Nothing written yet.">
            <p>What {lane.agentName} writes to its terminal appears here.</p>
          </Blank>
        )}
      </div>
    );
  }
  return (
    <>
      <LineScroller
        end={end}
        lines={lines}
        className="drawer__body drawer__body--log"
        linesClassName="log"
        notice={dropped > 0 && <p className="log__dropped">{count(dropped)} earlier lines are on disk only.</p>}
      >
        {({ spans }) => (
          <>
            <Spans spans={spans} />
            {spans.length === 0 && ' '}
          </>
        )}
      </LineScroller>
      <FollowPill following={end.following} ended={ended || !isAtWork(lane.status)} onFollow={end.follow} />
    </>
  );
}
