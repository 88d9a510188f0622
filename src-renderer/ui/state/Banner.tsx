import type { ReactNode } from 'react';
import { classNames } from '../class-names.ts';
import './banner.css';

/** One thing to know about this place, with what can be done about it. */
export function Banner({
  tone,
  lead,
  actions,
  urgent = false,
  className,
  children,
}: {
  tone?: 'waiting' | 'failed' | 'stale' | 'accent';
  /** An icon or a mark. */
  lead?: ReactNode;
  actions?: ReactNode;
  /** Read out at once. */
  urgent?: boolean;
  className?: string;
  children: ReactNode;
}) {
  return (
    <div className={classNames('banner', tone && `banner--${tone}`, className)} role={urgent ? 'alert' : undefined}>
      {lead}
      <div className="grow">{children}</div>
      {actions}
    </div>
  );
}
