import { Popover as Base } from '@base-ui/react/popover';
import type { ReactElement, ReactNode } from 'react';
import './popover.css';

/** A small panel that hangs on its trigger. `label` is its name for those who do not see it. */
export function Popover({
  trigger,
  label,
  align = 'start',
  children,
}: {
  trigger: ReactElement;
  label: string;
  align?: 'start' | 'end';
  children: ReactNode;
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className="popover__place" sideOffset={4} align={align} collisionPadding={8}>
          <Base.Popup className="popover" aria-label={label}>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
