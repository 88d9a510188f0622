import { Tooltip } from '@base-ui/react/tooltip';
import type { ReactElement, ReactNode } from 'react';
import { Kbd } from '../label/Kbd.tsx';
import './tooltip.css';

interface TipText {
  readonly label: string;
  readonly shortcut?: string;
}

const handle = Tooltip.createHandle<TipText>();

/** Gives one control a tooltip. All of them share the one popup of `TooltipHost`. */
export function Tip({ label, shortcut, children }: TipText & { children: ReactElement }) {
  return (
    <Tooltip.Trigger
      handle={handle}
      payload={shortcut === undefined ? { label } : { label, shortcut }}
      render={children}
      closeOnClick
    />
  );
}

/** Stands once around the application. */
export function TooltipHost({ children }: { children: ReactNode }) {
  return (
    <Tooltip.Provider delay={500} timeout={300}>
      {children}
      <Tooltip.Root handle={handle}>
        {({ payload }) => (
          // Only for the eye: the control says the same by its name.
          <Tooltip.Portal aria-hidden>
            <Tooltip.Positioner className="tooltip__place" sideOffset={6} collisionPadding={8}>
              <Tooltip.Popup className="tooltip">
                {payload?.label}
                {payload?.shortcut !== undefined && <Kbd shortcut={payload.shortcut} />}
              </Tooltip.Popup>
            </Tooltip.Positioner>
          </Tooltip.Portal>
        )}
      </Tooltip.Root>
    </Tooltip.Provider>
  );
}
