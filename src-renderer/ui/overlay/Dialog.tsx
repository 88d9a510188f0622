import { Dialog as Base } from '@base-ui/react/dialog';
import type { ReactNode, RefObject } from 'react';
import { classNames } from '../class-names.ts';
import './dialog.css';

/**
 * A dialog over the window. Keep it for what needs an answer first; what undo can repair
 * needs none. `initialFocus` names the safe control, Cancel where something is confirmed.
 */
export function Dialog({
  open,
  onClose,
  title,
  description,
  place = 'centre',
  narrow = false,
  initialFocus,
  footer,
  bare = false,
  className,
  children,
}: {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  place?: 'centre' | 'end' | 'top';
  narrow?: boolean;
  initialFocus?: RefObject<HTMLElement | null>;
  footer?: ReactNode;
  /** The children bring their own padding and scrolling. */
  bare?: boolean;
  className?: string;
  children?: ReactNode;
}) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="scrim" />
        <Base.Popup
          className={classNames(
            'dialog',
            place !== 'centre' && `dialog--${place}`,
            narrow && 'dialog--narrow',
            className,
          )}
          {...(initialFocus ? { initialFocus } : {})}
        >
          <header className="dialog__head">
            <Base.Title>{title}</Base.Title>
            {description !== undefined && <Base.Description>{description}</Base.Description>}
          </header>
          {children !== undefined && (bare ? children : <div className="dialog__body">{children}</div>)}
          {footer !== undefined && <footer className="dialog__foot">{footer}</footer>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
