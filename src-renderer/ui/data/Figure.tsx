import type { ReactNode } from 'react';
import './figure.css';

/** A named number inside a `<dl>`. Numbers change in place, they never count up. */
export function Figure({ name, unit, children }: { name: string; unit?: ReactNode; children: ReactNode }) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>
        {children}
        {unit !== undefined && <small> {unit}</small>}
      </dd>
    </div>
  );
}
