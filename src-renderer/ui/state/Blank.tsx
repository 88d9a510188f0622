import type { ReactNode } from 'react';
import { classNames } from '../class-names.ts';
import { Mark, type MarkShape } from '../icon/Mark.tsx';
import './blank.css';

/**
 * Nothing to show, and why. Four texts, never one: none yet (offers the first action),
 * filtered out (offers to clear), unreachable (cause and retry), refused (reason).
 */
export function Blank({
  title,
  shape,
  roomy = false,
  actions,
  children,
}: {
  title: ReactNode;
  shape?: MarkShape;
  /** Stands alone in a view, with the view's padding. */
  roomy?: boolean;
  actions?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className={classNames('blank', roomy && 'blank--roomy')}>
      <h2>
        {shape && <Mark shape={shape} />}
        {title}
      </h2>
      {children !== undefined && <div>{children}</div>}
      {actions !== undefined && <div className="actions">{actions}</div>}
    </div>
  );
}
