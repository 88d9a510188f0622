import type { ReactNode } from 'react';
import { classNames } from '../class-names.ts';
import './badge.css';

/** A count or a short word beside a name. `title` says what is counted. */
export function Badge({
  tone,
  title,
  children,
}: {
  tone?: 'waiting' | 'failed' | 'running';
  title?: string;
  children: ReactNode;
}) {
  return (
    <span className={classNames('badge', tone && `badge--${tone}`)} title={title}>
      {children}
    </span>
  );
}
