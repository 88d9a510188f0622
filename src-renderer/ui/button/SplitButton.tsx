import type { ReactNode } from 'react';
import './button.css';

/** Buttons that belong to one deed: what, which and how many. */
export function SplitButton({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="split" role="group" aria-label={label}>
      {children}
    </div>
  );
}
