import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react';
import './tabs.css';

export interface TabItem<Id extends string> {
  readonly id: Id;
  readonly label: ReactNode;
}

/** Tabs over one panel. Arrow keys move between them; the panel holds the chosen one only. */
export function Tabs<Id extends string>({
  label,
  items,
  chosen,
  onChoose,
  panelClassName,
  between,
  children,
}: {
  label: string;
  items: readonly TabItem<Id>[];
  chosen: Id;
  onChoose: (id: Id) => void;
  panelClassName?: string;
  /** Stands between the tabs and the panel. */
  between?: ReactNode;
  children: ReactNode;
}) {
  const base = useId();
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = items.findIndex((item) => item.id === chosen);
    const next = items[(at + step + items.length) % items.length];
    if (next === undefined) return;
    onChoose(next.id);
    list.current?.querySelector<HTMLElement>(`#${CSS.escape(`${base}${next.id}`)}`)?.focus();
  };
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} ref={list}>
        {items.map((item) => (
          <button
            key={item.id}
            id={`${base}${item.id}`}
            type="button"
            className="tab"
            role="tab"
            aria-selected={item.id === chosen}
            aria-controls={`${base}panel`}
            tabIndex={item.id === chosen ? 0 : -1}
            onClick={() => onChoose(item.id)}
            onKeyDown={move}
          >
            {item.label}
          </button>
        ))}
      </div>
      {between}
      <div id={`${base}panel`} className={panelClassName} role="tabpanel" aria-labelledby={`${base}${chosen}`}>
        {children}
      </div>
    </>
  );
}
