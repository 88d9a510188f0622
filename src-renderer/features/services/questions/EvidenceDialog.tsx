import type { ServiceView } from '#shared/contract/service-views.ts';
import type { RolloutDecision } from '#shared/model/service.ts';
import { clockTime, seconds } from '../../../app/text.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Mark, type MarkShape } from '../../../ui/icon/Mark.tsx';
import { Dialog } from '../../../ui/overlay/Dialog.tsx';
import { useRollouts } from '../use-services.ts';
import { evidenceFacts, evidenceTexts, rolloutOf } from './evidence.ts';
import './questions.css';

const shapeOf: Record<RolloutDecision['verdict'], MarkShape> = { passed: 'done', failed: 'failed', noted: 'queued' };

/** What each gate of the last rollout to a revision decided, and on what grounds. */
export function EvidenceDialog({
  service,
  revision,
  onClose,
}: {
  service: ServiceView;
  revision: number;
  onClose: () => void;
}) {
  const rollout = rolloutOf(
    useRollouts(service.id).map((view) => view.rollout),
    revision,
  );
  const ended = rollout?.stage.name === 'ended' ? rollout.stage : null;
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Rollout of ${service.name} to revision ${revision}`}
      description={ended === null ? 'What its gates decided, oldest first.' : ended.detail}
      footer={
        <Button size="large" onClick={onClose}>
          Close
        </Button>
      }
    >
      {rollout === null || rollout.decisions.length === 0 ? (
        <p className="secondary">No gate of it has decided anything.</p>
      ) : (
        <ol className="decisions">
          {rollout.decisions.map((decision, index) => (
            <Decision key={`${index} ${decision.atMs}`} decision={decision} />
          ))}
        </ol>
      )}
    </Dialog>
  );
}

function Decision({ decision }: { decision: RolloutDecision }) {
  const { verdict, gate, detail, atMs, durationMs } = decision;
  const facts = evidenceFacts(decision);
  return (
    <li className="decision">
      <Mark small shape={shapeOf[verdict]} label={verdict} />
      <div className="grow">
        <div className="decision__line">
          <b>{gate}</b>
          <span className="grow">{detail}</span>
          <span className="tertiary">
            {clockTime(atMs)}
            {durationMs !== null && `, ${seconds(durationMs)}`}
          </span>
        </div>
        {verdict === 'failed' && facts.length > 0 && <p className="secondary">{facts.join(', ')}</p>}
        {verdict === 'failed' &&
          evidenceTexts(decision).map(({ name, text }) => (
            <figure className="decision__text" key={name}>
              <figcaption>{name}</figcaption>
              <pre tabIndex={0}>{text}</pre>
            </figure>
          ))}
      </div>
    </li>
  );
}
