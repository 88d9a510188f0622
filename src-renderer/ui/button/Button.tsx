import type { ButtonHTMLAttributes, Ref } from 'react';
import { classNames } from '../class-names.ts';
import { Icon, type IconName } from '../icon/Icon.tsx';
import { Kbd } from '../label/Kbd.tsx';
import './button.css';

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
  /** One primary a region; `confirm` is red and only confirms a computed plan. */
  readonly variant?: 'default' | 'primary' | 'quiet' | 'danger' | 'confirm';
  readonly size?: 'small' | 'medium' | 'large';
  readonly icon?: IconName;
  /** Shown after the words; the action registry is what listens. */
  readonly shortcut?: string;
  /** A second icon after the words: the arrow of a menu. */
  readonly trailingIcon?: IconName;
  /** Why it cannot be pressed now. It stays focusable, so that the reason can be read. */
  readonly disabledReason?: string | null;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A verb with its object. */
export function Button({
  variant = 'default',
  size = 'medium',
  icon,
  trailingIcon,
  shortcut,
  disabledReason,
  className,
  children,
  onClick,
  title,
  ...rest
}: ButtonProps) {
  const disabled = disabledReason !== null && disabledReason !== undefined;
  return (
    <button
      type="button"
      className={classNames(
        'btn',
        variant !== 'default' && `btn--${variant}`,
        size !== 'medium' && `btn--${size}`,
        className,
      )}
      title={disabledReason ?? title}
      {...rest}
      {...(disabled ? { 'aria-disabled': true } : {})}
      onClick={disabled ? undefined : onClick}
    >
      {icon && <Icon name={icon} small={size === 'small'} />}
      {children}
      {shortcut && <Kbd shortcut={shortcut} />}
      {trailingIcon && <Icon name={trailingIcon} small />}
    </button>
  );
}
