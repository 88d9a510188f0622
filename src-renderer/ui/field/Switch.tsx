import type { ReactNode } from 'react';
import { classNames } from '../class-names.ts';
import './switch.css';
import '../button/button.css';

/** Something that is on or off, at once and for all. `children` are its words. */
export function Switch({
  on,
  onToggle,
  label,
  disabledReason,
  title,
  children,
}: {
  on: boolean;
  onToggle: () => void;
  /** Its name, where the words beside it do not say it. */
  label: string;
  disabledReason?: string | null;
  title?: string;
  children?: ReactNode;
}) {
  const disabled = disabledReason !== null && disabledReason !== undefined;
  return (
    <button
      type="button"
      role="switch"
      className="btn btn--quiet"
      aria-checked={on}
      aria-label={label}
      title={disabledReason ?? title}
      {...(disabled ? { 'aria-disabled': true } : {})}
      onClick={disabled ? undefined : onToggle}
    >
      <span className={classNames('switch', on && 'switch--on')} />
      {children}
    </button>
  );
}
