import { classNames } from '../class-names.ts';
import { type MarkShape, markDrawings, turningArc } from './mark-drawings.tsx';
import './mark.css';

/** The colour family of a state. */
export type Tone = 'running' | 'waiting' | 'failed' | 'stale' | 'queued' | 'done';

const toneOf: Record<MarkShape, Tone> = {
  running: 'running',
  gating: 'running',
  landing: 'running',
  waiting: 'waiting',
  failed: 'failed',
  stale: 'stale',
  queued: 'queued',
  blocked: 'queued',
  paused: 'queued',
  done: 'done',
};

/**
 * The mark of a state: colour and shape together. `label` is its word for those who do not
 * see it; leave it out where the word stands beside the mark.
 */
export function Mark({
  shape,
  label,
  small = false,
  className,
}: {
  shape: MarkShape;
  label?: string;
  small?: boolean;
  className?: string;
}) {
  const classes = classNames('mark', `mark--${toneOf[shape]}`, small && 'mark--s', className);
  const naming = label === undefined ? { 'aria-hidden': true as const } : { role: 'img', 'aria-label': label };
  if (!turns(shape)) {
    return (
      <svg className={classes} viewBox="0 0 16 16" {...naming}>
        {markDrawings[shape]}
      </svg>
    );
  }
  // The arc is a drawing of its own, so that the compositor turns it without painting the row again.
  return (
    <span className={classNames(classes, 'mark--turning')} {...naming}>
      <svg viewBox="0 0 16 16">{markDrawings[shape]}</svg>
      <svg className="arc" viewBox="0 0 16 16">
        {turningArc}
      </svg>
    </span>
  );
}

function turns(shape: MarkShape): boolean {
  return toneOf[shape] === 'running';
}

export type { MarkShape };
