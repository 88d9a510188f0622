import type { ReactNode } from 'react';
import { classNames } from '../class-names.ts';
import './chip.css';

/** A filter that is on or off. */
export function Chip({
  pressed,
  onToggle,
  outline = false,
  children,
}: {
  pressed: boolean;
  onToggle: () => void;
  outline?: boolean;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      className={classNames('chip', outline && 'chip--outline')}
      aria-pressed={pressed}
      onClick={onToggle}
    >
      {children}
    </button>
  );
}
