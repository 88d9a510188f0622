import type { ReactNode } from 'react';
import { classNames } from '../class-names.ts';
import { Icon, type IconName } from '../icon/Icon.tsx';
import './chip.css';

/** A word about the thing it stands beside. */
export function Tag({
  tone,
  icon,
  children,
}: {
  tone?: 'running' | 'waiting' | 'done' | 'failed' | 'stale' | 'accent';
  icon?: IconName;
  children: ReactNode;
}) {
  return (
    <span className={classNames('tag', tone && `tag--${tone}`)}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}
