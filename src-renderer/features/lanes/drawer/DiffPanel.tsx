import { useMemo, useState } from 'react';
import type { DiffFile, LaneView } from '#shared/contract/views.ts';
import { added, counted, removed } from '../../../app/text.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Icon } from '../../../ui/icon/Icon.tsx';
import { Caution } from '../../../ui/label/Caution.tsx';
import { Blank } from '../../../ui/state/Blank.tsx';
import { Bones } from '../../../ui/state/Bones.tsx';
import { collisionName } from '../CollisionCaution.tsx';
import { plainText } from '../../../ui/log/ansi.ts';
import { type PatchLine, parsePatch } from './parse-patch.ts';
import './diff.css';

import { useRefreshed } from './use-refreshed.ts';

const openedAtFirst = 2;
const openedLinesMax = 300;
const shownLinesMax = 400;

/** What the lane has changed since it began, file by file. */
export function DiffPanel({ lane }: { lane: LaneView }) {
  const { changes } = lane;
  const version = changes === null ? '' : `${changes.files} ${changes.added} ${changes.removed}`;
  const { answer, problem, again } = useRefreshed('lane.diff', { laneId: lane.id }, version);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());

  if (answer === null || answer.files.length === 0) {
    return (
      <div className="drawer__body">
        {problem !== null ? (
          <Blank
            roomy
            shape="failed"
            title="The diff cannot be shown."
            actions={
              <Button size="small" onClick={again}>
                Try again
              </Button>
            }
          >
            <p>{problem}</p>
          </Blank>
        ) : answer === null ? (
          <Bones rows={4} label="Loading the diff" />
        ) : (
          <Blank roomy title="No changes yet.">
            <p>Files appear here as soon as the lane edits them.</p>
          </Blank>
        )}
      </div>
    );
  }
  return (
    <div className="drawer__body" tabIndex={0} role="region" aria-label="Diff">
      {answer.files.map((file, at) => {
        const opens = at < openedAtFirst && file.added + file.removed <= openedLinesMax;
        return (
          <File
            key={file.path}
            file={file}
            lane={lane}
            open={opens !== toggled.has(file.path)}
            onToggle={() => {
              const next = new Set(toggled);
              if (!next.delete(file.path)) next.add(file.path);
              setToggled(next);
            }}
          />
        );
      })}
      {answer.cut && (
        <p className="file__note">More files have changed than are shown. See them in the lane’s worktree.</p>
      )}
    </div>
  );
}

function File({ file, lane, open, onToggle }: { file: DiffFile; lane: LaneView; open: boolean; onToggle: () => void }) {
  const collision = lane.collisions.find((each) => each.path === file.path);
  const name = plainText(
    file.oldPath === null || file.oldPath === file.path ? file.path : `${file.oldPath} → ${file.path}`,
  );
  return (
    <section className="file">
      <button type="button" className="file__head" aria-expanded={open} onClick={onToggle}>
        <Icon name={open ? 'down' : 'right'} small />
        <code className="truncate" title={name}>
          {name}
        </code>
        {(collision || file.collides) && (
          <Caution icon="collide">{collision ? collisionName(collision) : 'collides'}</Caution>
        )}
        {file.kind === 'delete' && <span className="tertiary">deleted</span>}
        <span>
          <span className="add">{added(file.added)}</span> <span className="del">{removed(file.removed)}</span>
        </span>
      </button>
      {open && <Patch file={file} />}
    </section>
  );
}

function Patch({ file }: { file: DiffFile }) {
  const lines = useMemo(() => parsePatch(file.patch), [file.patch]);
  const [all, setAll] = useState(false);
  if (file.binary) return <p className="file__note">A binary file: its content is not shown.</p>;
  if (lines.length === 0) return <p className="file__note">Renamed or its mode changed; no line differs.</p>;
  const shown = all ? lines : lines.slice(0, shownLinesMax);
  return (
    <>
      <table className="diff" aria-label={`Changes of ${plainText(file.path)}`}>
        <tbody>
          {shown.map((line, at) => (
            <Row key={at} line={line} />
          ))}
        </tbody>
      </table>
      {shown.length < lines.length && (
        <p className="file__note">
          <Button size="small" onClick={() => setAll(true)}>
            Show {counted(lines.length - shown.length, 'more line')}
          </Button>
        </p>
      )}
      {file.cut && <p className="file__note">The rest of this file is too long to be shown.</p>}
    </>
  );
}

function Row({ line }: { line: PatchLine }) {
  if (line.kind === 'hunk') {
    return (
      <tr className="hunk">
        <td aria-label="Hunk" />
        <td aria-label="begins at" />
        <td>{line.text}</td>
      </tr>
    );
  }
  return (
    <tr className={line.kind === 'same' ? undefined : line.kind}>
      <td>{line.oldNumber}</td>
      <td>{line.newNumber}</td>
      <td>{line.pieces.map((piece, at) => (piece.changed ? <b key={at}>{piece.text}</b> : piece.text))}</td>
    </tr>
  );
}
