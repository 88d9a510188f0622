import { type FormEvent, type ReactNode, type RefObject, useId } from 'react';
import { Button } from '../button/Button.tsx';
import type { IconName } from '../icon/Icon.tsx';
import { Mark } from '../icon/Mark.tsx';
import { Banner } from '../state/Banner.tsx';
import { Dialog } from './Dialog.tsx';

/**
 * A dialog that is one form: its fields, Cancel, and the button that does what it is for. A field
 * that is found wrong gets the focus.
 */
export function FormDialog({
  title,
  description,
  narrow,
  initialFocus,
  submitLabel,
  submitIcon,
  busyReason,
  refusal,
  footer,
  className,
  onClose,
  onSubmit,
  children,
}: {
  title: ReactNode;
  description?: ReactNode;
  narrow?: boolean;
  initialFocus?: RefObject<HTMLElement | null>;
  /** A verb with its object. */
  submitLabel: string;
  submitIcon?: IconName;
  /** What is being done with it now; null while it can be submitted. */
  busyReason: string | null;
  /** Why it was not done, where that belongs to no single field. */
  refusal?: string | null;
  /** Stands at the start of the line of buttons. */
  footer?: ReactNode;
  /** The class of the form. */
  className?: string;
  onClose: () => void;
  onSubmit: () => void;
  children: ReactNode;
}) {
  const formId = useId();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (busyReason !== null) return;
    const form = event.currentTarget;
    onSubmit();
    requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      {...(description === undefined ? {} : { description })}
      {...(narrow === undefined ? {} : { narrow })}
      {...(initialFocus === undefined ? {} : { initialFocus })}
      footer={
        <>
          {footer}
          {footer !== undefined && <span className="grow" />}
          <Button size="large" onClick={onClose}>
            Cancel
          </Button>
          <Button
            size="large"
            variant="primary"
            type="submit"
            form={formId}
            disabledReason={busyReason}
            {...(submitIcon === undefined ? {} : { icon: submitIcon })}
          >
            {submitLabel}
          </Button>
        </>
      }
    >
      <form id={formId} noValidate {...(className === undefined ? {} : { className })} onSubmit={submit}>
        {refusal !== undefined && refusal !== null && (
          <Banner tone="failed" urgent className="dialog__refusal" lead={<Mark shape="failed" label="Failed" />}>
            {refusal}
          </Banner>
        )}
        {children}
      </form>
    </Dialog>
  );
}
