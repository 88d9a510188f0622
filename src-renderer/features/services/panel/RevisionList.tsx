import { useState } from 'react';
import type { RevisionView, ServiceView, SpecChange } from '#shared/contract/service-views.ts';
import { dayWords } from '../../../app/day-text.ts';
import { clockMinute, counted } from '../../../app/text.ts';
import { hostNowMs } from '../../../client/host-clock.ts';
import type { StreamState } from '../../../client/live-map.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Mark, type MarkShape } from '../../../ui/icon/Mark.tsx';
import { Bones } from '../../../ui/state/Bones.tsx';
import { askServices } from '../services-view-state.ts';
import { goesBackTo } from '../use-service-deeds.ts';

const shownAtFirst = 6;

const shapeOf: Record<RevisionView['state'], MarkShape> = {
  serving: 'done',
  'rolling-out': 'running',
  replaced: 'queued',
  failed: 'failed',
  'rolled-back': 'failed',
  candidate: 'queued',
};

/** The revisions of a service, newest first, each against the one before it. */
export function RevisionList({
  service,
  revisions,
  state,
}: {
  service: ServiceView;
  revisions: readonly RevisionView[];
  state: StreamState;
}) {
  const [all, setAll] = useState(false);
  const shown = all ? revisions : revisions.slice(0, shownAtFirst);
  const older = revisions.length - shown.length;
  return (
    <section aria-labelledby="revisions-title">
      <h3 className="panel__h" id="revisions-title">
        Revisions
      </h3>
      {state.state === 'loading' && <Bones rows={3} label="Loading revisions" />}
      {state.state === 'failed' && (
        <p className="rev__none" role="alert">
          They cannot be listed: {state.error.message}
        </p>
      )}
      <ul>
        {shown.map((view) => (
          <RevisionRow key={view.revision.number} service={service} view={view} />
        ))}
        {older > 0 && (
          <li className="rev rev--more">
            <button type="button" className="rev__older" onClick={() => setAll(true)}>
              {counted(older, 'older revision')}
            </button>
          </li>
        )}
      </ul>
    </section>
  );
}

function RevisionRow({ service, view }: { service: ServiceView; view: RevisionView }) {
  const { revision, changes, state, word } = view;
  const failed = state === 'failed' || state === 'rolled-back';
  return (
    <li className="rev">
      <Mark small shape={shapeOf[state]} />
      <div className="grow">
        <div className="rev__line">
          <b>{revision.number}</b>
          <span className="truncate">{word}</span>
          <span className="tertiary">{when(revision.createdAtMs)}</span>
        </div>
        <div className="rev__diff truncate" title={diffTitle(view)}>
          {failed && revision.failure !== null ? revision.failure : <Changes changes={changes} />}
        </div>
      </div>
      <RevisionDeed service={service} view={view} failed={failed} />
    </li>
  );
}

function RevisionDeed({ service, view, failed }: { service: ServiceView; view: RevisionView; failed: boolean }) {
  const { number } = view.revision;
  if (failed) {
    return (
      <Button
        size="small"
        variant="quiet"
        aria-label={`Log of revision ${number}`}
        onClick={() => askServices({ kind: 'evidence', serviceId: service.id, revision: number })}
      >
        Log
      </Button>
    );
  }
  if (!view.canRollBack && !goesBackTo(service.rollout, number)) return <span className="rev__slot" />;
  return (
    <Button
      size="small"
      aria-label={`Roll back to revision ${number}`}
      title={view.isKept ? 'Its replicas still run: only traffic is switched.' : undefined}
      onClick={() => askServices({ kind: 'roll-back', serviceId: service.id, toRevision: number })}
    >
      Roll back
    </Button>
  );
}

/** "image e07a → 9c1f, memory 256 → 384 MB, +1 env" */
export function Changes({ changes }: { changes: readonly SpecChange[] }) {
  if (changes.length === 0) return <>nothing changed</>;
  return (
    <>
      {changes.map((change, index) => (
        <span key={`${change.field} ${change.text}`}>
          {index > 0 && ', '}
          <span className={changeClass(change)}>{change.text}</span>
        </span>
      ))}
    </>
  );
}

/** Only what is told by its number has a colour: "image …" of a first revision is no addition to look at. */
function changeClass({ kind, text }: SpecChange): string | undefined {
  if (kind === 'added' && text.startsWith('+')) return 'add';
  return kind === 'removed' ? 'del' : undefined;
}

function diffTitle({ revision, changes }: RevisionView): string {
  return [revision.failure, ...changes.map((change) => change.text)].filter((part) => part !== null).join('\n');
}

/** The time of today, else the day. */
function when(atMs: number): string {
  const day = dayWords(atMs, hostNowMs());
  return day === 'today' ? clockMinute(atMs) : day;
}
