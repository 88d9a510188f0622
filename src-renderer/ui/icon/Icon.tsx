import { classNames } from '../class-names.ts';
import { type IconName, iconDrawings } from './icon-drawings.tsx';
import './icon.css';

/** A stroke icon in the colour of its text. Decorative: the control that holds it carries the name. */
export function Icon({ name, small = false, className }: { name: IconName; small?: boolean; className?: string }) {
  return (
    <svg className={classNames('icon', small && 'icon--s', className)} viewBox="0 0 16 16" aria-hidden="true">
      {iconDrawings[name]}
    </svg>
  );
}

export type { IconName };
