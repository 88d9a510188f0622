import type { ReactNode } from 'react';
import type { LaneView } from '#shared/contract/views.ts';
import type { GateResult } from '#shared/model/gate.ts';
import type { Merge } from '#shared/model/merge.ts';
import { useProject } from '../../../app/current-project.ts';
import { clockMinute, duration, seconds } from '../../../app/text.ts';
import { useTimeText } from '../../../client/host-clock.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Mark, type MarkShape } from '../../../ui/icon/Mark.tsx';
import { Blank } from '../../../ui/state/Blank.tsx';
import { Bones } from '../../../ui/state/Bones.tsx';
import { type GateLine, gateOverview, mergeOutcome } from './gate-lines.ts';
import { Output } from '../../../ui/log/Output.tsx';
import './events.css';
import './gates.css';
import { useRefreshed } from './use-refreshed.ts';

const refreshMs = 2_000;

/** The gates of the lane's merge, with the evidence that each left. */
export function GatesPanel({ lane }: { lane: LaneView }) {
  const target = useProject((project) => project?.targetBranch) ?? 'the target';
  const atGates = lane.status === 'gating' || lane.status === 'landing';
  const version = `${lane.status} ${lane.gatesPassed} ${lane.gatesTotal} ${lane.reworks}`;
  const { answer, problem, again } = useRefreshed(
    'lane.gates',
    { laneId: lane.id },
    version,
    atGates ? refreshMs : null,
  );

  if (answer === null) {
    return (
      <div className="drawer__body">
        {problem === null ? (
          <Bones rows={4} label="Loading gates" />
        ) : (
          <Blank
            roomy
            shape="failed"
            title="Gates cannot be shown."
            actions={
              <Button size="small" onClick={again}>
                Try again
              </Button>
            }
          >
            <p>{problem}</p>
          </Blank>
        )}
      </div>
    );
  }
  const { merge, lines, earlier } = gateOverview(answer);
  return (
    <div className="drawer__body gates" tabIndex={0} role="region" aria-label="Gates">
      <p className="gates__lead">
        <Lead lane={lane} merge={merge} target={target} hasGates={lines.length > 0} />
      </p>
      {lines.length > 0 && (
        <ul>
          {lines.map((line) => (
            <Gate key={line.kind === 'result' ? line.result.name : line.name} line={line} />
          ))}
        </ul>
      )}
      {merge?.rejection?.kind === 'conflict' &&
        merge.rejection.conflicts.map((conflict) => (
          <div key={conflict.path} className="gates__conflict">
            <code>{conflict.path}</code>
            <Output text={conflict.hunk} linesMax={60} className="ev__out" />
          </div>
        ))}
      {earlier.length > 0 && (
        <p className="gates__lead">
          Earlier runs: {earlier.map((each) => `${clockMinute(each.queuedAtMs)} ${mergeOutcome(each)}`).join(', ')}.
        </p>
      )}
    </div>
  );
}

function Lead({
  lane,
  merge,
  target,
  hasGates,
}: {
  lane: LaneView;
  merge: Merge | null;
  target: string;
  hasGates: boolean;
}) {
  const branch = <code>{merge?.branch ?? target}</code>;
  if (merge === null) {
    return hasGates ? (
      <>
        These run on the merge of lane {lane.number} with {branch} once its work is done, before {branch} moves.
      </>
    ) : (
      <>This project has no gates. Work lands on {branch} once it merges without a conflict.</>
    );
  }
  const at = merge.targetCommit === null ? null : <code>{merge.targetCommit.slice(0, 7)}</code>;
  const onWhat: ReactNode = (
    <>
      the merge of lane {lane.number} with {branch}
      {at && <> at {at}</>}
    </>
  );
  if (merge.stage === 'landed') return <>Passed on {onWhat}, which has landed.</>;
  if (merge.rejection !== null)
    return (
      <>
        On {onWhat}: {mergeOutcome(merge)}. {branch} has not moved.
      </>
    );
  if (merge.stage === 'queued') return <>In the merge queue. Gates run on {onWhat}.</>;
  return (
    <>
      Run on {onWhat}. {branch} moves only if all pass.
    </>
  );
}

function Gate({ line }: { line: GateLine }) {
  switch (line.kind) {
    case 'result':
      return <ResultLine result={line.result} />;
    case 'running':
      return (
        <GateFrame
          shape="running"
          word="Running"
          name={line.name}
          command={line.command}
          end={<Since ms={line.startedAtMs} />}
        >
          {line.outputTail !== '' && <Output text={line.outputTail} linesMax={6} className="ev__out" />}
        </GateFrame>
      );
    case 'next':
      return <GateFrame shape="queued" word="Queued" name={line.name} command={line.command} end="next" />;
  }
}

function ResultLine({ result }: { result: GateResult }) {
  const failed = result.state === 'failed' || result.state === 'timed-out';
  const shape: MarkShape = failed ? 'failed' : result.state === 'passed' ? 'done' : 'blocked';
  const how =
    result.state === 'timed-out'
      ? 'timed out'
      : result.state === 'skipped'
        ? 'skipped'
        : `exit ${result.exitCode ?? '–'}`;
  return (
    <GateFrame
      shape={shape}
      word={failed ? 'Failed' : result.state === 'passed' ? 'Passed' : 'Skipped'}
      name={result.name}
      command={result.command}
      end={<span className={failed ? 'fail' : undefined}>{`${how}, ${seconds(result.durationMs)}`}</span>}
    >
      {result.outputTail !== '' && (
        <details className="gate__evidence" open={failed}>
          <summary>Output</summary>
          <Output text={result.outputTail} linesMax={200} className="ev__out" />
        </details>
      )}
    </GateFrame>
  );
}

function GateFrame({
  shape,
  word,
  name,
  command,
  end,
  children,
}: {
  shape: MarkShape;
  word: string;
  name: string;
  command: string;
  end: ReactNode;
  children?: ReactNode;
}) {
  return (
    <li className="gate">
      <Mark shape={shape} label={word} />
      <div className="grow">
        <div className="ev__line">
          <span className="strong">{name}</span>
          <span className="tertiary">{end}</span>
        </div>
        <code className="tertiary truncate">{command}</code>
        {children}
      </div>
    </li>
  );
}

function Since({ ms }: { ms: number }) {
  return useTimeText((nowMs) => duration(Math.max(0, nowMs - ms)));
}
