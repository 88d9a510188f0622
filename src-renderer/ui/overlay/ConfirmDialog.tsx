import { type ReactNode, useRef } from 'react';
import { Button } from '../button/Button.tsx';
import type { IconName } from '../icon/Icon.tsx';
import { Dialog } from './Dialog.tsx';

/** Asks before something that no undo repairs. The button that keeps all as it is has the focus. */
export function ConfirmDialog({
  title,
  description,
  keepLabel,
  confirmLabel,
  confirmIcon,
  disabledReason,
  onClose,
  onConfirm,
  children,
}: {
  title: string;
  /** What comes of it. */
  description: string;
  keepLabel: string;
  /** A verb with its object. */
  confirmLabel: string;
  confirmIcon?: IconName;
  /** Why it cannot be confirmed now; null when it can. */
  disabledReason?: string | null;
  onClose: () => void;
  /** Closing is its caller's business: some wait for what comes of it. */
  onConfirm: () => void;
  children?: ReactNode;
}) {
  const keep = useRef<HTMLButtonElement>(null);
  return (
    <Dialog
      open
      narrow
      onClose={onClose}
      initialFocus={keep}
      title={title}
      description={description}
      footer={
        <>
          <Button ref={keep} size="large" onClick={onClose}>
            {keepLabel}
          </Button>
          <Button
            size="large"
            variant="confirm"
            disabledReason={disabledReason ?? null}
            onClick={onConfirm}
            {...(confirmIcon === undefined ? {} : { icon: confirmIcon })}
          >
            {confirmLabel}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}
