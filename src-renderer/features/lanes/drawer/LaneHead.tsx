import { Fragment, type ReactNode } from 'react';
import type { LaneView } from '#shared/contract/views.ts';
import { compactCount, money, size } from '../../../app/text.ts';
import { setUi } from '../../../app/ui-state.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Icon } from '../../../ui/icon/Icon.tsx';
import { Mark } from '../../../ui/icon/Mark.tsx';
import { Menu } from '../../../ui/overlay/Menu.tsx';
import { Banner } from '../../../ui/state/Banner.tsx';
import { AskLine } from '../AskLine.tsx';
import { collisionName } from '../CollisionCaution.tsx';
import { useHandOverEntries, useLaneActions } from '../lane-actions.ts';
import { laneEnding } from '../lane-ending.ts';
import { statusMark } from '../lane-group.ts';
import { Elapsed } from '../LaneRow.tsx';
import { LaneMenu } from '../RowActions.tsx';
import { StepText } from '../StepText.tsx';
import { PreviewPart } from './PreviewPart.tsx';

/** What a lane is, what can be done with it, its figures, and with what it collides. */
export function LaneHead({
  lane,
  controls,
  heading: Heading = 'h2',
}: {
  lane: LaneView;
  controls: ReactNode;
  heading?: 'h1' | 'h2';
}) {
  const { shape, word } = statusMark[lane.status];
  const about = [`Lane ${lane.number}`, lane.agentName, lane.taskKey, lane.attempts > 1 && `attempt ${lane.attempts}`];
  return (
    <>
      <div className="drawer__title">
        <Mark shape={shape} label={word} />
        <Heading className="truncate">{lane.title}</Heading>
        {controls}
      </div>
      <div className="drawer__meta truncate">
        {about
          .filter((part) => typeof part === 'string')
          .map((part, at) => (
            <Fragment key={part}>
              {at > 0 && (
                <>
                  {' '}
                  <i>·</i>{' '}
                </>
              )}
              {part}
            </Fragment>
          ))}
        {lane.workspace && (
          <>
            {' '}
            <i>·</i> <code title={lane.workspace.worktree}>{lane.workspace.branch}</code>
          </>
        )}
      </div>
      <Actions lane={lane} />
      <Facts lane={lane} />
      <PreviewPart lane={lane} />
      <Ending lane={lane} />
      {lane.ask !== null && (
        <div className="drawer__ask">
          <p>{lane.ask.title}</p>
          <AskLine lane={lane} ask={lane.ask} tabStop />
        </div>
      )}
      <Conflict lane={lane} />
    </>
  );
}

function Actions({ lane }: { lane: LaneView }) {
  const { pause, resume, interrupt, retry, merge, stop } = useLaneActions();
  const handOver = useHandOverEntries();
  const { can } = lane;
  if (!Object.values(can).some(Boolean)) return null;
  return (
    <div className="drawer__actions">
      {can.merge && (
        <Button size="small" variant="primary" icon="merge" onClick={() => merge(lane.id)}>
          Merge
        </Button>
      )}
      {can.retry && (
        <Button size="small" icon="retry" onClick={() => retry(lane.id)}>
          Retry
        </Button>
      )}
      {can.pause && (
        <Button size="small" icon="pause" title="Pause (P)" onClick={() => pause(lane.id)}>
          Pause
        </Button>
      )}
      {can.resume && (
        <Button size="small" icon="play" title="Resume (P)" onClick={() => resume(lane.id)}>
          Resume
        </Button>
      )}
      {can.interrupt && (
        <Button size="small" icon="interrupt" onClick={() => interrupt(lane.id)}>
          Interrupt
        </Button>
      )}
      {can.handOver && (
        <Menu
          entries={handOver(lane)}
          trigger={
            <Button size="small" icon="handover">
              Hand over
            </Button>
          }
        />
      )}
      <span className="grow" />
      {can.stop && (
        <Button
          size="small"
          variant="danger"
          icon="stop"
          title="Stop (Shift X). Its work is saved."
          onClick={() => void stop(lane.id, lane.number)}
        >
          Stop
        </Button>
      )}
      <LaneMenu lane={lane} boxed />
    </div>
  );
}

function Facts({ lane }: { lane: LaneView }) {
  const { usage, workspace } = lane;
  return (
    <dl className="facts">
      <Fact name="Elapsed">
        <Elapsed lane={lane} />
      </Fact>
      <Fact name="Tokens">{usage === null ? '–' : compactCount(usage.inputTokens + usage.outputTokens)}</Fact>
      {usage !== null && usage.costUsd !== null && <Fact name="Cost">{money(usage.costUsd)}</Fact>}
      <Fact name="CPU">{lane.cpuPercent === null ? '–' : `${Math.round(lane.cpuPercent)} %`}</Fact>
      <Fact name="Memory">{lane.memoryBytes === null ? '–' : size(lane.memoryBytes)}</Fact>
      <Fact name="Ports">{workspace === null ? '–' : `${workspace.portFirst}–${workspace.portLast}`}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Why a lane is no more or waits for the person, what was kept, and what to do. */
function Ending({ lane }: { lane: LaneView }) {
  const ending = laneEnding(lane);
  if (ending === null) return null;
  const { shape, reason, detail, kept, next } = ending;
  return (
    <Banner
      {...(shape === 'failed' ? { tone: shape } : {})}
      className="drawer__conflict drawer__ending"
      lead={<Mark shape={shape} />}
    >
      <div className="strong">{reason}</div>
      {detail !== null && <div className="secondary">{detail}</div>}
      <div className="secondary">
        <StepText text={kept} /> {next}
      </div>
    </Banner>
  );
}

function Conflict({ lane }: { lane: LaneView }) {
  const [first] = lane.collisions;
  if (first === undefined) return null;
  const others = lane.collisions.length - 1;
  return (
    <Banner
      className="drawer__conflict drawer__conflict--caution"
      lead={<Icon name="collide" />}
      actions={
        <Button size="small" onClick={() => setUi({ laneTab: 'diff' })}>
          Show
        </Button>
      }
    >
      <div className="strong">
        Collides with {collisionName(first)} in <code>{first.path}</code>
        {others > 0 && ` and ${others} more`}
      </div>
      <div className="secondary">
        {first.laneNumber === null ? 'The target has changed there since.' : 'Whichever merges second solves it.'}
      </div>
    </Banner>
  );
}
