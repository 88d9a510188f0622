import type { ImageProgressView, RolloutStep, RolloutView } from '#shared/contract/service-views.ts';
import { classNames } from '../../../ui/class-names.ts';
import { Mark, type MarkShape } from '../../../ui/icon/Mark.tsx';
import '../../../ui/data/meter.css';
import { progressText } from '../service-words.ts';
import { isBroken, limitShare, limitText } from './limit-text.ts';

const shapeOf: Record<RolloutStep['state'], MarkShape> = {
  done: 'done',
  active: 'running',
  paused: 'paused',
  failed: 'failed',
  waiting: 'queued',
};
const wordOf: Record<RolloutStep['state'], string> = {
  done: 'Done',
  active: 'Under way',
  paused: 'Paused',
  failed: 'Failed',
  waiting: 'To come',
};

/** The course of a rollout: what is done, what it is at and why it waits, what is to come. */
export function RolloutSteps({ view, progress }: { view: RolloutView; progress: readonly ImageProgressView[] }) {
  const { rollout, steps } = view;
  return (
    <section aria-labelledby="rollout-title">
      <h3 className="panel__h" id="rollout-title">
        {rolloutTitle(view)}
      </h3>
      <ol className="steps">
        {steps.map((step) => (
          <li key={step.key} className={`step step--${step.state}`}>
            <span className="step__mark">
              <Mark
                shape={
                  step.state === 'paused' && rollout.paused?.because === 'failure' ? 'waiting' : shapeOf[step.state]
                }
                label={wordOf[step.state]}
              />
            </span>
            <div className="grow">
              <div className="step__line">
                <span className={step.state === 'waiting' ? 'secondary' : 'strong'}>{step.label}</span>
                <span className="tertiary step__aside" title={step.aside}>
                  {step.aside}
                </span>
              </div>
              {step.detail !== null && <p className="secondary">{stepSentence(step.state, step.detail)}</p>}
              {step.key === 'preparing' &&
                step.state === 'active' &&
                progress.map((image) => (
                  <p className="secondary" key={image.hostId}>
                    {image.hostId}: {progressText(image)}
                    {image.line !== null && <code className="step__output truncate">{image.line}</code>}
                  </p>
                ))}
              {step.limits.length > 0 && <Limits limits={step.limits} />}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Limits({ limits }: { limits: RolloutStep['limits'] }) {
  return (
    <div className="checks">
      {limits.map((limit) => (
        <div
          className={classNames('limit', isBroken(limit) && 'limit--broken')}
          key={limit.name}
          role="meter"
          aria-label={limit.name}
          aria-valuenow={Math.round(limitShare(limit) * 100)}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuetext={limitText(limit)}
        >
          <span>{limit.name}</span>
          <span className="meter__bar">
            <i style={{ width: `${limitShare(limit) * 100}%` }} />
          </span>
          <span className="num">{limitText(limit)}</span>
        </div>
      ))}
    </div>
  );
}

/** "Rollout to revision 15", "Rolled back to revision 14 by itself" */
function rolloutTitle({ rollout }: RolloutView): string {
  const to = `revision ${rollout.toRevision}`;
  const ended = rollout.stage.name === 'ended' ? rollout.stage.outcome : null;
  if (rollout.kind === 'auto-rollback')
    return ended === null ? `Going back to ${to} by itself` : `Back to ${to} by itself`;
  if (rollout.kind === 'rollback') return ended === null ? `Rollback to ${to}` : `Rollback to ${to}, ${ended}`;
  return ended === null ? `Rollout to ${to}` : `Rollout to ${to}, ${ended}`;
}

/** What a step waits for, or why it stands or failed, with a capital and a full stop. */
function stepSentence(state: RolloutStep['state'], detail: string): string {
  const text = state === 'active' ? `waits for ${detail}` : detail;
  const end = /[.!?]$/.test(text) ? '' : '.';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${end}`;
}
