import type { ReactNode } from 'react';
import './page-head.css';

/** The head of a view: one computed sentence, what it rests on, and what can be done. */
export function PageHead({
  sentence,
  evidence,
  actions,
}: {
  sentence: ReactNode;
  evidence?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <header className="pagehead">
      <div>
        <h1>{sentence}</h1>
        {evidence !== undefined && <p>{evidence}</p>}
      </div>
      {actions !== undefined && <div className="pagehead__actions">{actions}</div>}
    </header>
  );
}
