import { memo, useState } from 'react';
import type { LaneView } from '#shared/contract/views.ts';
import { added, clockTime, elapsed, removed } from '../../app/text.ts';
import { useTimeText } from '../../client/host-clock.ts';
import type { LiveMap } from '../../client/live-map.ts';
import { useConnection, useStreamValue } from '../../client/use-stream.ts';
import { Button } from '../../ui/button/Button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Sparkline } from '../../ui/data/Sparkline.tsx';
import type { GridRowProps } from '../../ui/data/VirtualGrid.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { AgentBadge } from '../../ui/label/AgentBadge.tsx';
import '../../ui/data/figure.css';
import { AskLine } from './AskLine.tsx';
import { CollisionCaution } from './CollisionCaution.tsx';
import { messageLane, useLaneActions } from './lane-actions.ts';
import { isAtWork, laneGroup, statusMark } from './lane-group.ts';
import { RowActions } from './RowActions.tsx';
import { StepText } from './StepText.tsx';

interface LaneRowProps {
  readonly lanes: LiveMap<LaneView>;
  readonly laneId: string;
  readonly gridRow: GridRowProps;
  readonly selected: boolean;
  readonly activityTop: number;
  readonly compact: boolean;
}

/** One lane. Drawn again only when its lane or its place changes. */
export const LaneRow = memo(function LaneRow({ lanes, laneId, gridRow, selected, activityTop, compact }: LaneRowProps) {
  const lane = useStreamValue(lanes, laneId);
  const [visited, setVisited] = useState(false);
  if (lane === undefined) return <div className="lane" {...gridRow} />;
  const { shape, word } = statusMark[lane.status];
  return (
    <div
      className={classNames('lane', `lane--${laneGroup(lane.status)}`, compact && 'lane--compact')}
      aria-selected={selected}
      onPointerEnter={() => setVisited(true)}
      {...gridRow}
    >
      <span role="gridcell" className="lane__mark">
        <Mark shape={shape} label={word} />
      </span>
      <span role="gridcell" className="lane__no">
        {lane.number}
      </span>
      <div role="gridcell" className="lane__main">
        <div className="lane__title truncate">{lane.title}</div>
        <div className="lane__step">
          <Step lane={lane} />
          <CollisionCaution collisions={lane.collisions} />
        </div>
      </div>
      <span role="gridcell" className="lane__agent">
        <AgentBadge short={lane.agentShort} name={lane.agentName} />
      </span>
      <span role="gridcell" className="lane__spark">
        <SparkOrAnswer lane={lane} activityTop={activityTop} tabStop={selected} visited={visited || selected} />
      </span>
      <span role="gridcell" className="lane__diff">
        <Changes lane={lane} />
      </span>
      <span role="gridcell" className="lane__time">
        <Elapsed lane={lane} />
      </span>
      {lane.ask !== null && <AskLine lane={lane} ask={lane.ask} tabStop={selected} role="gridcell" />}
    </div>
  );
}, samePlace);

function samePlace(a: LaneRowProps, b: LaneRowProps): boolean {
  return (
    a.lanes === b.lanes &&
    a.laneId === b.laneId &&
    a.selected === b.selected &&
    a.activityTop === b.activityTop &&
    a.compact === b.compact &&
    a.gridRow.tabIndex === b.gridRow.tabIndex &&
    a.gridRow['data-index'] === b.gridRow['data-index'] &&
    a.gridRow.style.transform === b.gridRow.style.transform
  );
}

function Step({ lane }: { lane: LaneView }) {
  return (
    <span className="truncate">
      <StepText text={lane.step} />
    </span>
  );
}

/** What asks for one press stands where the activity would be. */
function SparkOrAnswer({
  lane,
  activityTop,
  tabStop,
  visited,
}: {
  lane: LaneView;
  activityTop: number;
  tabStop: boolean;
  /** Somebody was here: only then can the row's actions be seen, and only then are they worth their weight. */
  visited: boolean;
}) {
  const { retry, merge } = useLaneActions();
  const tabIndex = tabStop ? 0 : -1;
  if (lane.status === 'waiting' && lane.ask === null && lane.can.message) {
    return (
      <Button size="small" shortcut="m" tabIndex={tabIndex} onClick={() => messageLane(lane.id)}>
        Reply
      </Button>
    );
  }
  if (lane.status === 'failed' && lane.can.retry) {
    return (
      <Button size="small" icon="retry" tabIndex={tabIndex} onClick={() => retry(lane.id)}>
        Retry
      </Button>
    );
  }
  if (lane.status === 'ready-to-merge' && lane.can.merge) {
    return (
      <Button size="small" icon="merge" tabIndex={tabIndex} onClick={() => merge(lane.id)}>
        Merge
      </Button>
    );
  }
  const idle = lane.status === 'queued' || lane.activity.length === 0;
  return (
    <>
      {!idle && <Sparkline values={lane.activity} top={activityTop} live={isAtWork(lane.status)} />}
      {visited && <RowActions lane={lane} tabStop={tabStop} />}
    </>
  );
}

function Changes({ lane }: { lane: LaneView }) {
  const { changes } = lane;
  if (changes === null) return <span className="tertiary">–</span>;
  if (changes.added + changes.removed === 0) return <span className="tertiary">none</span>;
  return (
    <>
      <span className="add">{added(changes.added)}</span>
      <span className="del">{removed(changes.removed)}</span>
    </>
  );
}

/** How long the lane has been at its task, as far as is known: old data does not grow older by itself. */
export const Elapsed = memo(function Elapsed({ lane }: { lane: LaneView }) {
  const connection = useConnection();
  const lostAtMs = connection.state === 'reconnecting' ? connection.lostAtMs : null;
  const text = useTimeText((nowMs) => {
    if (lane.startedAtMs === null) return '–';
    const untilMs = lane.endedAtMs ?? (lane.status === 'stale' ? lane.lastEventAtMs : null) ?? lostAtMs ?? nowMs;
    return elapsed(untilMs - lane.startedAtMs);
  });
  const title = lane.startedAtMs === null ? undefined : `Since ${clockTime(lane.startedAtMs)}`;
  return <span title={title}>{text}</span>;
}, sameTimes);

function sameTimes({ lane: a }: { lane: LaneView }, { lane: b }: { lane: LaneView }): boolean {
  return (
    a.startedAtMs === b.startedAtMs &&
    a.endedAtMs === b.endedAtMs &&
    a.status === b.status &&
    (a.status !== 'stale' || a.lastEventAtMs === b.lastEventAtMs)
  );
}
