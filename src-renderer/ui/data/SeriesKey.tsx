import type { ReactNode } from 'react';
import './key.css';

/** The shape and colour of the series at `order` (from 0): each has its own, also without colour. */
export function SeriesKey({ order, children }: { order: number; children: ReactNode }) {
  return (
    <span className={`key key--${(order % 7) + 1}`}>
      <i />
      {children}
    </span>
  );
}
