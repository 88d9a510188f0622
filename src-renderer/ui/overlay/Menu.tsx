import { Menu as Base } from '@base-ui/react/menu';
import { Fragment, type ReactElement, useCallback, useRef } from 'react';
import { classNames } from '../class-names.ts';
import { Icon, type IconName } from '../icon/Icon.tsx';
import { Kbd } from '../label/Kbd.tsx';
import './menu.css';

/** One line of a menu. */
export type MenuEntry =
  | {
      readonly kind: 'item';
      readonly id: string;
      readonly label: string;
      readonly detail?: string;
      readonly icon?: IconName;
      readonly shortcut?: string;
      readonly danger?: boolean;
      readonly checked?: boolean;
      /** Why it cannot be chosen now. */
      readonly disabledReason?: string | null;
      readonly run: () => void;
    }
  | { readonly kind: 'separator'; readonly id: string }
  | { readonly kind: 'heading'; readonly id: string; readonly label: string };

/** A menu that hangs on its trigger, a button. In the document it stands at the end of the trigger's landmark. */
export function Menu({
  trigger,
  entries,
  align = 'start',
  onOpenChange,
}: {
  trigger: ReactElement;
  entries: readonly MenuEntry[];
  align?: 'start' | 'end';
  onOpenChange?: (open: boolean) => void;
}) {
  const landmark = useRef<HTMLElement | null>(null);
  const findLandmark = useCallback((element: HTMLElement | null) => {
    landmark.current = element?.closest('main') ?? element?.closest('header') ?? null;
  }, []);
  return (
    <Base.Root modal={false} {...(onOpenChange ? { onOpenChange } : {})}>
      <Base.Trigger ref={findLandmark} render={trigger} />
      <Base.Portal className="menu__portal" container={landmark}>
        <Base.Positioner className="menu__place" sideOffset={4} align={align} collisionPadding={8}>
          <Base.Popup className="menu">
            {entries.map((entry) => (
              <Fragment key={entry.id}>{line(entry)}</Fragment>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function line(entry: MenuEntry) {
  if (entry.kind === 'separator') return <Base.Separator className="menu__rule" />;
  if (entry.kind === 'heading') {
    return (
      <div className="menu__heading" role="presentation">
        {entry.label}
      </div>
    );
  }
  const { label, detail, icon, shortcut, danger, checked, disabledReason, run } = entry;
  const reason = disabledReason ?? undefined;
  const shared = {
    className: classNames('menu__item', danger && 'menu__item--danger'),
    disabled: reason !== undefined,
    title: reason,
    onClick: run,
  };
  const content = (
    <>
      {checked !== undefined && <span className="menu__check">{checked && <Icon name="check" />}</span>}
      {icon && <Icon name={icon} />}
      <span>{label}</span>
      {(reason ?? detail) && <span className="menu__detail">{reason ?? detail}</span>}
      {shortcut && <Kbd shortcut={shortcut} />}
    </>
  );
  if (checked === undefined) return <Base.Item {...shared}>{content}</Base.Item>;
  return (
    <Base.CheckboxItem {...shared} checked={checked} closeOnClick>
      {content}
    </Base.CheckboxItem>
  );
}
