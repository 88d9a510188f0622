import type { ReactNode } from 'react';
import { classNames } from '../class-names.ts';
import { Icon, type IconName } from '../icon/Icon.tsx';
import './caution.css';

/** A forecast or a caution. */
export function Caution({ icon, className, children }: { icon?: IconName; className?: string; children: ReactNode }) {
  return (
    <span className={classNames('caution', className)}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}
