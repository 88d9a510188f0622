import { memo } from 'react';
import { classNames } from '../class-names.ts';
import { sparkPath } from './spark-path.ts';
import './sparkline.css';

/** Activity of one row: 24 bars on 72 × 18 px. `top` is the value of a full bar, shared by all rows. */
export const Sparkline = memo(function Sparkline({
  values,
  top,
  live,
}: {
  values: readonly number[];
  top: number;
  live: boolean;
}) {
  return (
    <svg
      className={classNames('spark', live ? 'spark--bars-live' : 'spark--bars')}
      width="72"
      height="18"
      viewBox="0 0 72 18"
      aria-hidden="true"
    >
      <path d={sparkPath(values, 18, top)} transform="translate(1 0)" />
    </svg>
  );
});
