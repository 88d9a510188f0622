import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useRef } from 'react';
import { gridMove } from './grid-move.ts';
import './virtual-grid.css';

/** What a row of the grid puts on its element. */
export interface GridRowProps {
  readonly role: 'row';
  readonly 'aria-rowindex': number;
  readonly 'data-index': number;
  readonly tabIndex: 0 | -1;
  readonly style: CSSProperties;
  readonly ref: (element: HTMLElement | null) => void;
  readonly onFocus: () => void;
}

/**
 * A grid of any number of rows of which only those in sight exist. Rows are keyed; one of
 * them is the stop of the Tab key. Arrow keys, Home, End and the page keys move it.
 */
export function VirtualGrid<Row>({
  label,
  head,
  rows,
  keyOf,
  heightOf,
  stopKey,
  onMove,
  onOpen,
  renderRow,
  onHold,
}: {
  label: string;
  /** Stands above the rows and stays in sight; counts as the first row. */
  head?: ReactNode;
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Expected height in px; the real one is measured. */
  heightOf: (row: Row) => number;
  /** The row that Tab leads to; null for the first. */
  stopKey: string | null;
  onMove: (key: string) => void;
  /** By a press, or by Enter. */
  onOpen: (key: string) => void;
  renderRow: (row: Row, props: GridRowProps) => ReactNode;
  /** True while pointer or focus is on the rows, so that their order can stand still. */
  onHold?: (held: boolean) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const hold = useRef({ pointer: false, focus: false });
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => {
      const row = rows[index];
      return row === undefined ? 0 : heightOf(row);
    },
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : keyOf(row);
    },
    overscan: 6,
  });

  const stopIndex = Math.max(0, stopKey === null ? 0 : rows.findIndex((row) => keyOf(row) === stopKey));
  const focusWanted = useRef(false);
  /** The row that a press focused: it is in sight, and must not move between press and release. */
  const pressed = useRef<string | null>(null);

  useEffect(() => {
    if (stopKey === null || pressed.current === stopKey) return;
    virtual.scrollToIndex(stopIndex, { align: 'auto' });
  }, [stopKey, virtual, stopIndex]);

  useEffect(() => {
    if (!focusWanted.current) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${stopIndex}"]`);
    if (row === null || row === undefined) return;
    focusWanted.current = false;
    row.focus({ preventScroll: true });
  });

  const setHold = (change: Partial<typeof hold.current>): void => {
    const before = hold.current.pointer || hold.current.focus;
    hold.current = { ...hold.current, ...change };
    const now = hold.current.pointer || hold.current.focus;
    if (before !== now) onHold?.(now);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const onRow = event.target instanceof HTMLElement && event.target.getAttribute('role') === 'row';
    if (!onRow || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[stopIndex];
    if (event.key === 'Enter' && row !== undefined) {
      event.preventDefault();
      onOpen(keyOf(row));
      return;
    }
    const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / 44) - 1);
    const next = gridMove(event.key, stopIndex, rows.length, pageRows);
    if (next === null) return;
    event.preventDefault();
    const target = rows[next];
    if (target === undefined) return;
    focusWanted.current = true;
    onMove(keyOf(target));
  };

  const onClick = (event: MouseEvent<HTMLDivElement>): void => {
    const target = event.target instanceof Element ? event.target : null;
    // A control inside a row is pressed for itself; so is what a row shows outside of itself, such as a menu.
    if (target === null || target.closest('button, a, input') !== null) return;
    const element = target.closest('[role="row"][data-index]');
    if (element === null || !event.currentTarget.contains(element)) return;
    const row = rows[Number(element.getAttribute('data-index'))];
    if (row === undefined) return;
    onMove(keyOf(row));
    onOpen(keyOf(row));
  };

  return (
    <div
      className="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + (head === undefined ? 0 : 1)}
      ref={scroller}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onPointerEnter={() => setHold({ pointer: true })}
      onPointerLeave={() => setHold({ pointer: false })}
      onFocus={() => setHold({ focus: true })}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setHold({ focus: false });
      }}
    >
      {head}
      <div className="grid__body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          const key = keyOf(row);
          return renderRow(row, {
            role: 'row',
            'aria-rowindex': item.index + (head === undefined ? 1 : 2),
            'data-index': item.index,
            tabIndex: item.index === stopIndex ? 0 : -1,
            style: { position: 'absolute', top: 0, insetInline: 0, transform: `translateY(${item.start}px)` },
            ref: virtual.measureElement,
            onFocus: () => {
              pressed.current = focusWanted.current ? null : key;
              if (key !== stopKey) onMove(key);
            },
          });
        })}
      </div>
    </div>
  );
}
