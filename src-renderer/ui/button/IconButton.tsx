import { classNames } from '../class-names.ts';
import { Icon, type IconName } from '../icon/Icon.tsx';
import { Tip } from '../overlay/Tooltip.tsx';
import type { ButtonProps } from './Button.tsx';
import './button.css';

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon' | 'trailingIcon'> {
  /** What it does: its name, and the text of its tooltip. */
  readonly label: string;
  readonly icon: IconName;
}

/** A button with an icon alone; its tooltip says what it does and its shortcut. */
export function IconButton({
  label,
  icon,
  variant = 'quiet',
  size = 'small',
  shortcut,
  disabledReason,
  className,
  onClick,
  title: _title,
  ...rest
}: IconButtonProps) {
  const disabled = disabledReason !== null && disabledReason !== undefined;
  return (
    <Tip label={disabled ? `${label}: ${disabledReason}` : label} {...(shortcut ? { shortcut } : {})}>
      <button
        type="button"
        className={classNames(
          'btn btn--icon',
          variant !== 'default' && `btn--${variant}`,
          size !== 'medium' && `btn--${size}`,
          className,
        )}
        aria-label={label}
        {...rest}
        {...(disabled ? { 'aria-disabled': true } : {})}
        onClick={disabled ? undefined : onClick}
      >
        <Icon name={icon} />
      </button>
    </Tip>
  );
}
