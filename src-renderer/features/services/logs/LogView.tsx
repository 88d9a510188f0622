import { memo } from 'react';
import type { ItemOf } from '#shared/contract/contract.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import { clockTime, count, counted } from '../../../app/text.ts';
import { errorText } from '../../../app/use-call.ts';
import { useConnection } from '../../../client/use-stream.ts';
import { useLogStream } from '../../../client/use-log-stream.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { classNames } from '../../../ui/class-names.ts';
import { FollowPill } from '../../../ui/log/FollowPill.tsx';
import { LineScroller } from '../../../ui/log/LineScroller.tsx';
import { Spans } from '../../../ui/log/Output.tsx';
import { useFollow } from '../../../ui/log/use-follow.ts';
import { showToast } from '../../../ui/overlay/toast-queue.ts';
import { Blank } from '../../../ui/state/Blank.tsx';
import { Bones } from '../../../ui/state/Bones.tsx';
import { lineSpans, type ServiceLogLine, ServiceLogLines } from './service-log-lines.ts';

const tailLines = 5_000;
const begin = (): ServiceLogLines => new ServiceLogLines();
const take = (log: ServiceLogLines, items: readonly ItemOf<'service.logs'>[]): void => log.append(items);

interface LogQuestion {
  readonly serviceId: ServiceId;
  readonly containerId: string | null;
  readonly sinceMs: number | null;
  readonly search: string;
}

/** The lines that answer a question, followed until they are scrolled away from. */
export function LogView({
  streams,
  times,
  wrap,
  ...question
}: LogQuestion & { streams: 'both' | 'stdout' | 'stderr'; times: boolean; wrap: boolean }) {
  const isOld = useConnection().state !== 'live';
  const { reading, batches, error, ended } = useLogStream('service.logs', { ...question, tailLines }, begin, take);
  const all = reading.lines;
  const lines = streams === 'both' ? all : all.filter(({ stream }) => stream === streams);
  const end = useFollow();
  const manyReplicas = reading.replicas.length > 1;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(lines.map((line) => plainLine(line, manyReplicas)).join('\n'));
      showToast({ shape: 'done', text: `${counted(lines.length, 'line')} copied.` });
    } catch (failure) {
      showToast({ shape: 'failed', text: `Nothing was copied: ${errorText(failure)}` });
    }
  };

  return (
    <>
      <LineScroller
        end={end}
        lines={lines}
        className={classNames('slogs__body', !wrap && 'slogs__body--nowrap', isOld && 'is-stale')}
        linesClassName="slogs"
        lineClassName={({ stream }) => classNames('slogs__line', stream === 'stderr' && 'slogs__line--err')}
        notice={
          <>
            {reading.dropped > 0 && (
              <p className="slogs__dropped">
                {count(reading.dropped)} older lines were dropped here. The engine still has them: search, or choose a
                later time.
              </p>
            )}
            {lines.length === 0 && error === null && (
              <NoLines waiting={batches === 0} search={question.search} streams={streams} />
            )}
          </>
        }
      >
        {(line) => <Line line={line} times={times} named={manyReplicas} />}
      </LineScroller>
      {error !== null && (
        <p className="slogs__error" role="alert">
          The log cannot be read on: {error.message}
        </p>
      )}
      <footer className="slogs__foot">
        <span role="status">
          {counted(lines.length, 'line')}
          {isOld && '. Reconnecting: what is shown stays.'}
        </span>
        <span className="grow" />
        <FollowPill following={end.following} ended={ended} onFollow={end.follow} />
        <Button
          icon="copy"
          disabledReason={lines.length === 0 ? 'There is nothing to copy.' : null}
          onClick={() => void copy()}
        >
          Copy lines
        </Button>
      </footer>
    </>
  );
}

const Line = memo(function Line({ line, times, named }: { line: ServiceLogLine; times: boolean; named: boolean }) {
  const spans = lineSpans(line);
  return (
    <>
      {times && <i>{clockTime(line.atMs)} </i>}
      {named && <b>{line.replica} </b>}
      {line.stream === 'stderr' && <em title="stderr">! </em>}
      <Spans spans={spans} />
      {spans.length === 0 && ' '}
    </>
  );
});

function plainLine(line: ServiceLogLine, named: boolean): string {
  const text = lineSpans(line)
    .map((span) => span.text)
    .join('');
  return `${new Date(line.atMs).toISOString()} ${named ? `${line.replica} ` : ''}${text}`;
}

function NoLines({ waiting, search, streams }: { waiting: boolean; search: string; streams: string }) {
  if (search !== '') {
    return (
      <Blank roomy title={`No line has “${search}”.`}>
        <p>New lines that have it appear here.</p>
      </Blank>
    );
  }
  if (streams !== 'both') {
    return (
      <Blank roomy title={`Nothing on ${streams}.`}>
        <p>What is written there appears here.</p>
      </Blank>
    );
  }
  if (waiting) {
    return (
      <>
        <Bones rows={3} label="Reading the log" />
        <Blank roomy title="Nothing written yet.">
          <p>What the replicas write to stdout and stderr appears here.</p>
        </Blank>
      </>
    );
  }
  return null;
}
