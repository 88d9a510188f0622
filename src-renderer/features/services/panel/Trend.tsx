import '../../../ui/data/sparkline.css';
import { trendPath } from './trend-path.ts';

/** The course of one number over the last minutes; gaps stay gaps. Decorative: the number stands beside it. */
export function Trend({ values }: { values: readonly (number | null)[] }) {
  return (
    <svg
      className="spark trend"
      viewBox="0 0 100 26"
      preserveAspectRatio="none"
      width="100%"
      height="26"
      aria-hidden="true"
    >
      <path d={trendPath(values, 100, 26)} />
    </svg>
  );
}
