import { useMemo } from 'react';
import type { ServiceEvent } from '#shared/contract/service-views.ts';
import type { Rollout, RolloutDecision } from '#shared/model/service.ts';
import { useStream, useStreamPart } from '../../client/use-stream.ts';
import { Button } from '../../ui/button/Button.tsx';
import { Mark, type MarkShape } from '../../ui/icon/Mark.tsx';
import { Dialog } from '../../ui/overlay/Dialog.tsx';
import { clockTime, seconds } from '../text.ts';
import { eventsDuring, evidenceFacts, evidenceTexts, rolloutOutcome } from './evidence.ts';
import './rollout-record.css';

const shapeOf: Record<RolloutDecision['verdict'], MarkShape> = { passed: 'done', failed: 'failed', noted: 'queued' };
const eventShape: Record<ServiceEvent['severity'], MarkShape> = {
  info: 'queued',
  warning: 'stale',
  error: 'failed',
};

/** The record of one rollout: what each gate decided and on what grounds, and what befell replicas meanwhile. */
export function RolloutRecordDialog({
  title,
  rollout,
  onClose,
}: {
  title: string;
  /** Null while it is not known. */
  rollout: Rollout | null;
  onClose: () => void;
}) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      description={rollout === null ? 'Its record is not known.' : rolloutOutcome(rollout)}
      footer={
        <Button size="large" onClick={onClose}>
          Close
        </Button>
      }
    >
      {rollout !== null && <RolloutRecord rollout={rollout} />}
    </Dialog>
  );
}

function RolloutRecord({ rollout }: { rollout: Rollout }) {
  const { decisions, projectId } = rollout;
  const input = useMemo(() => ({ projectId }), [projectId]);
  const events = useStreamPart(useStream('service.watchEvents', input), (map) => eventsDuring(map.list(), rollout));
  return (
    <>
      <h3 className="record__h">Gates</h3>
      {decisions.length === 0 ? (
        <p className="secondary">
          {rollout.endedAtMs === null ? 'No gate has decided yet.' : 'No gate was needed: nothing had to be made.'}
        </p>
      ) : (
        <ol className="record">
          {decisions.map((decision, index) => (
            <Decision key={`${index} ${decision.atMs}`} decision={decision} />
          ))}
        </ol>
      )}
      {events.length > 0 && (
        <>
          <h3 className="record__h">Replicas meanwhile</h3>
          <ol className="record">
            {events.map((event) => (
              <li key={event.id} className="record__line">
                <Mark small shape={eventShape[event.severity]} label={event.severity} />
                <span className="grow">{event.text}</span>
                <span className="tertiary">{clockTime(event.atMs)}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}

function Decision({ decision }: { decision: RolloutDecision }) {
  const { verdict, gate, detail, atMs, durationMs } = decision;
  const facts = evidenceFacts(decision);
  return (
    <li>
      <div className="record__line">
        <Mark small shape={shapeOf[verdict]} label={verdict} />
        <b className="record__gate">{gate}</b>
        <span className="grow">{detail}</span>
        <span className="tertiary">
          {clockTime(atMs)}
          {durationMs !== null && `, ${seconds(durationMs)}`}
        </span>
      </div>
      {verdict === 'failed' && (
        <div className="record__evidence">
          {facts.length > 0 && <p className="secondary">{facts.join(', ')}</p>}
          {evidenceTexts(decision).map(({ name, text }) => (
            <figure key={name}>
              <figcaption>{name}</figcaption>
              <pre tabIndex={0}>{text}</pre>
            </figure>
          ))}
        </div>
      )}
    </li>
  );
}
