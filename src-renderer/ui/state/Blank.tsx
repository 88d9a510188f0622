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
  heading: Heading = 'h2',
  actions,
  children,
}: {
  title: ReactNode;
  shape?: MarkShape;
  /** Stands alone in a view, with the view's padding. */
  roomy?: boolean;
  /** `h1` where it is the sentence of a whole view. */
  heading?: 'h1' | 'h2';
  actions?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className={classNames('blank', roomy && 'blank--roomy')}>
      <Heading>
        {shape && <Mark shape={shape} />}
        {title}
      </Heading>
      {children !== undefined && <div>{children}</div>}
      {actions !== undefined && <div className="actions">{actions}</div>}
    </div>
  );
}
