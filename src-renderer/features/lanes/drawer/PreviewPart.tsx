import { useMemo } from 'react';
import type { PreviewView } from '#shared/contract/service-views.ts';
import type { LaneView } from '#shared/contract/views.ts';
import { useProjectId } from '../../../app/current-project.ts';
import { counted } from '../../../app/text.ts';
import { useStream, useStreamPart } from '../../../client/use-stream.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { IconButton } from '../../../ui/button/IconButton.tsx';
import { Icon } from '../../../ui/icon/Icon.tsx';
import { Mark, type MarkShape } from '../../../ui/icon/Mark.tsx';
import { Output } from '../../../ui/log/Output.tsx';
import { Menu, type MenuEntry } from '../../../ui/overlay/Menu.tsx';
import './preview.css';
import { usePreviewDeeds } from './use-preview-deeds.ts';

const linesMax = 8;
const stateMark: Record<PreviewView['preview']['state'], { shape: MarkShape; word: string }> = {
  building: { shape: 'running', word: 'Preview is being built' },
  running: { shape: 'done', word: 'Preview runs' },
  failed: { shape: 'failed', word: 'Preview failed' },
  removing: { shape: 'paused', word: 'Preview is being taken away' },
};

/** The preview of a lane: its branch as services of its own, with where they answer; or the way to start one. */
export function PreviewPart({ lane }: { lane: LaneView }) {
  const projectId = useProjectId();
  const input = useMemo(() => (projectId === null ? null : { projectId }), [projectId]);
  const preview = useStreamPart(useStream('preview.watch', input), (map) =>
    map.list().find((each) => each.preview.laneId === lane.id),
  );
  const deeds = usePreviewDeeds(lane.id);
  // Its worktree goes with a lane that has ended.
  if (preview === undefined && (lane.workspace === null || lane.end !== null)) return null;
  if (preview === undefined) {
    return (
      <div className="preview">
        <span className="tertiary">No preview</span>
        <span className="grow" />
        <Button size="small" icon="play" disabledReason={deeds.busyReason} onClick={deeds.start}>
          Start preview
        </Button>
        <Problem text={deeds.problem} />
      </div>
    );
  }
  const { state, detail } = preview.preview;
  const { shape, word } = stateMark[state];
  return (
    <section className="preview" aria-label="Preview">
      <Mark shape={shape} small />
      <span className="strong" role="status">
        {word}
      </span>
      <span className="grow" />
      {state !== 'removing' && (
        <>
          {state !== 'building' && (
            <Button size="small" disabledReason={deeds.busyReason} onClick={deeds.start}>
              Update
            </Button>
          )}
          {state === 'running' && (
            <Menu
              align="end"
              entries={promoteEntries(preview, deeds.promote)}
              trigger={
                <Button size="small" trailingIcon="down" disabledReason={deeds.busyReason}>
                  Promote…
                </Button>
              }
            />
          )}
          <IconButton icon="stop" label="Stop preview" disabledReason={deeds.busyReason} onClick={deeds.stop} />
        </>
      )}
      <ul className="preview__services">
        {preview.services.map(({ id, name, status, url }) => (
          <li key={id}>
            {name} <span className="tertiary">{status.replaceAll('-', ' ')}</span>
            {url !== null && (
              <a href={url} target="_blank" rel="noreferrer">
                {url} <Icon name="external" small />
              </a>
            )}
          </li>
        ))}
      </ul>
      <Problem text={deeds.problem ?? (state === 'failed' ? detail : null)} />
      {state !== 'running' && preview.buildTail !== '' && (
        <Output className="preview__tail" text={preview.buildTail} linesMax={linesMax} />
      )}
    </section>
  );
}

function Problem({ text }: { text: string | null }) {
  return (
    text !== null && (
      <p className="preview__problem" role="alert">
        {text}
      </p>
    )
  );
}

function promoteEntries({ services }: PreviewView, promote: (names: readonly string[] | null) => void): MenuEntry[] {
  return [
    { kind: 'heading', id: 'head', label: 'Roll out to the main stack' },
    { kind: 'item', id: 'all', label: `All ${counted(services.length, 'service')}`, run: () => promote(null) },
    ...services.map(
      ({ id, name, status }): MenuEntry => ({
        kind: 'item',
        id,
        label: name,
        disabledReason: status === 'healthy' ? null : `is ${status.replaceAll('-', ' ')}`,
        run: () => promote([name]),
      }),
    ),
  ];
}
