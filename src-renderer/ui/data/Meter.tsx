import { classNames } from '../class-names.ts';
import './meter.css';

/** How much of a limit is used. `share` is between 0 and 1; `text` says it in words. */
export function Meter({ name, share, text, tone }: { name: string; share: number; text: string; tone?: 'waiting' }) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div
      className={classNames('meter', tone && `meter--${tone}`)}
      role="meter"
      aria-label={name}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuetext={text}
    >
      <div className="meter__row">
        <span>{name}</span>
        <span>{text}</span>
      </div>
      <div className="meter__bar">
        <i style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}
