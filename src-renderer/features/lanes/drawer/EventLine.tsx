import { memo, type ReactNode } from 'react';
import { clockTime, counted, seconds } from '../../../app/text.ts';
import { classNames } from '../../../ui/class-names.ts';
import { Icon, type IconName } from '../../../ui/icon/Icon.tsx';
import { Mark } from '../../../ui/icon/Mark.tsx';
import { plainText } from '../../../ui/log/ansi.ts';
import type { EventItem } from './event-items.ts';
import { Output } from '../../../ui/log/Output.tsx';
import './events.css';

type Of<Kind extends EventItem['kind']> = Extract<EventItem, { kind: Kind }>;

/** One line of a lane's story. */
export const EventLine = memo(function EventLine({ item, isNow }: { item: EventItem; isNow: boolean }) {
  switch (item.kind) {
    case 'run':
      return <Line item={item} icon="loop" main={`Run ${item.runNumber} begins`} />;
    case 'say':
      return (
        <Frame
          item={item}
          className={item.by === 'user' ? 'ev--you' : 'ev--say'}
          lead={item.by === 'user' ? <b>You</b> : <Icon name="message" small />}
        >
          <p>{item.text}</p>
        </Frame>
      );
    case 'thought':
      return (
        <Frame item={item} className="ev--thought" lead={<Icon name="message" small />}>
          <p className="tertiary">{item.text}</p>
        </Frame>
      );
    case 'tool':
      return <ToolLine item={item} isNow={isNow} />;
    case 'reads':
      return (
        <Line
          item={item}
          icon="file"
          main={
            item.paths.length === 1 ? (
              <>
                Read <code>{item.paths[0]}</code>
              </>
            ) : (
              <>
                Read {item.paths.length} files in <code>{foldersOf(item.paths)}</code>
              </>
            )
          }
        />
      );
    case 'file':
      return (
        <Line
          item={item}
          icon="pencil"
          main={<code>{item.path}</code>}
          end={item.change === 'add' ? 'new' : item.change === 'delete' ? 'deleted' : undefined}
        />
      );
    case 'plan':
      return <PlanLine item={item} />;
    case 'permission':
      return <PermissionLine item={item} />;
    case 'control':
      return (
        <Line
          item={item}
          icon={item.action === 'resumed' ? 'play' : item.action === 'paused' ? 'pause' : 'interrupt'}
          main={`${sentence(item.action)} by you`}
        />
      );
    case 'trouble':
      return (
        <Frame item={item} className="ev--say" lead={<Icon name={item.retries ? 'loop' : 'alert'} small />}>
          <p className={item.retries ? 'secondary' : 'fail'}>{item.text}</p>
        </Frame>
      );
    case 'turn-end':
      return <Line item={item} icon="flag" main={item.summary === '' ? 'Turn ended' : item.summary} />;
    case 'raw':
      return <Line item={item} icon="terminal" main={<code className="tertiary">{item.line}</code>} />;
    case 'end':
      return <EndLine item={item} />;
  }
});

function Frame({
  item,
  className,
  lead,
  children,
}: {
  item: EventItem;
  className?: string;
  lead: ReactNode;
  children: ReactNode;
}) {
  return (
    <li className={classNames('ev', className)}>
      <time dateTime={new Date(item.atMs).toISOString()}>{clockTime(item.atMs)}</time>
      <span className="ev__icon">{lead}</span>
      <div className="ev__body">{children}</div>
    </li>
  );
}

function Line({
  item,
  icon,
  main,
  end,
  failed = false,
}: {
  item: EventItem;
  icon: IconName;
  main: ReactNode;
  end?: ReactNode;
  failed?: boolean;
}) {
  return (
    <Frame item={item} lead={<Icon name={icon} small />}>
      <div className="ev__line">
        <span className="truncate">{main}</span>
        {end !== undefined && <span className={failed ? 'fail' : 'tertiary'}>{end}</span>}
      </div>
    </Frame>
  );
}

const toolIcon: Record<Of<'tool'>['tool']['kind'], IconName> = {
  command: 'terminal',
  edit: 'pencil',
  read: 'file',
  search: 'search',
  fetch: 'external',
  other: 'terminal',
};

function ToolLine({ item, isNow }: { item: Of<'tool'>; isNow: boolean }) {
  const { tool } = item;
  const running = tool.status === 'running' && isNow;
  const words =
    tool.kind === 'edit' && tool.paths[0] !== undefined ? tool.paths.join(', ') : (tool.command ?? tool.title);
  const took = tool.durationMs === null ? null : seconds(tool.durationMs);
  const exit = tool.exitCode === null ? (tool.status === 'failed' ? 'failed' : null) : `exit ${tool.exitCode}`;
  const end = [exit, took].filter((part) => part !== null).join(', ');
  const failed = tool.status === 'failed' || (tool.exitCode ?? 0) !== 0;
  const showsOutput = tool.output !== null && tool.output !== '' && (running || failed);
  return (
    <Frame
      item={item}
      className={running ? 'ev--now' : ''}
      lead={running ? <Mark shape="running" label="Running" small /> : <Icon name={toolIcon[tool.kind]} small />}
    >
      <div className="ev__line">
        <code className={classNames('truncate', running && 'strong')} title={plainText(words)}>
          {plainText(words)}
        </code>
        {(end !== '' || running) && (
          <span className={failed ? 'fail' : 'tertiary'}>{end === '' ? 'running' : end}</span>
        )}
      </div>
      {showsOutput && <Output text={tool.output ?? ''} linesMax={8} className="ev__out" />}
    </Frame>
  );
}

function PlanLine({ item }: { item: Of<'plan'> }) {
  const { steps } = item.plan;
  const done = steps.filter((step) => step.status === 'completed').length;
  return (
    <Frame item={item} lead={<Icon name="tasks" small />}>
      <details className="ev__plan">
        <summary className="ev__line">
          <span className="truncate">Plan of {counted(steps.length, 'step')}</span>
          <span className="tertiary">{done} done</span>
        </summary>
        <ul>
          {steps.map((step, at) => (
            <li key={at}>
              <Mark
                small
                shape={step.status === 'completed' ? 'done' : step.status === 'running' ? 'running' : 'queued'}
                label={sentence(step.status)}
              />
              {plainText(step.text)}
            </li>
          ))}
        </ul>
      </details>
    </Frame>
  );
}

function PermissionLine({ item }: { item: Of<'permission'> }) {
  const { answer } = item;
  const end = { open: 'asks you', allowed: 'allowed', denied: 'denied', void: 'not answered' }[answer];
  return (
    <Frame
      item={item}
      lead={
        answer === 'open' ? (
          <Mark shape="waiting" label="Needs input" small />
        ) : (
          <Icon name={answer === 'allowed' ? 'check' : 'x'} small />
        )
      }
    >
      <div className="ev__line">
        {item.command === null ? (
          <span className="truncate">{item.title}</span>
        ) : (
          <code className="truncate">{item.command}</code>
        )}
        <span className={answer === 'denied' ? 'fail' : 'tertiary'}>{end}</span>
      </div>
    </Frame>
  );
}

function EndLine({ item }: { item: Of<'end'> }) {
  const { outcome } = item;
  const shape = outcome.kind === 'ok' ? 'done' : outcome.kind === 'failed' ? 'failed' : 'blocked';
  const text = outcome.kind === 'ok' ? outcome.summary : outcome.detail;
  return (
    <Frame item={item} className="ev--say" lead={<Mark shape={shape} label={sentence(outcome.kind)} small />}>
      <p className={outcome.kind === 'failed' ? 'fail' : undefined}>{text === '' ? 'Finished.' : plainText(text)}</p>
    </Frame>
  );
}

function sentence(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** The folders of several files, at most three of them by name. */
function foldersOf(paths: readonly string[]): string {
  const folders = [...new Set(paths.map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/'))) || '.'))];
  return folders.length <= 3 ? folders.join(', ') : `${folders.slice(0, 2).join(', ')} and ${folders.length - 2} more`;
}
