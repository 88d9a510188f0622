import { useEffect, useState } from 'react';
import './bone.css';

const shownAfterMs = 300;
const widths = [72, 54, 64, 48, 60, 70, 52, 66] as const;

/** Stands in for rows that have not arrived. Shows itself only after 300 ms. */
export function Bones({ rows = 6, label = 'Loading' }: { rows?: number; label?: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), shownAfterMs);
    return () => clearTimeout(timer);
  }, []);
  if (!late) return null;
  return (
    <div className="bones" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => {
        const width = widths[row % widths.length] ?? 60;
        return (
          <div className="bones__row" key={row}>
            <span className="bone bone--mark" />
            <span className="grow">
              <span className="bone" style={{ width: `${width}%` }} />
              <span className="bone" style={{ width: `${Math.round(width * 0.66)}%` }} />
            </span>
            <span className="bone bone--end" />
          </div>
        );
      })}
    </div>
  );
}
