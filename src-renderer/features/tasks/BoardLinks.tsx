import { type RefObject, useEffect, useState } from 'react';
import { type BoardLink, type CardPlace, linkPath } from './board-links.ts';

interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly links: readonly {
    readonly id: string;
    readonly critical: boolean;
    readonly line: string;
    readonly arrow: string;
  }[];
}

const nothing: Drawing = { width: 0, height: 0, links: [] };

/**
 * The dependencies as lines between the cards. Decorative: each card says in words what it
 * waits for. They are drawn from where the cards stand, after each change and each resize.
 */
export function BoardLinks({
  board,
  links,
  drawnAgain,
}: {
  board: RefObject<HTMLDivElement | null>;
  links: readonly BoardLink[];
  /** Changes when cards may have moved. */
  drawnAgain: unknown;
}) {
  const [drawing, setDrawing] = useState(nothing);
  // Not a layout effect: those of a child run before its parent's element is known.
  useEffect(() => {
    const element = board.current;
    if (element === null || drawnAgain === null) return;
    const draw = (): void => setDrawing((before) => sameOr(before, drawingOf(element, links)));
    // Told once at the start, and again whenever the board or a column changes its size.
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    for (const column of element.children) if (column instanceof HTMLElement) observer.observe(column);
    return () => observer.disconnect();
  }, [board, links, drawnAgain]);

  return (
    <svg className="board__links" width={drawing.width} height={drawing.height} aria-hidden="true">
      {drawing.links.map(({ id, critical, line, arrow }) => (
        <g key={id}>
          <path className={critical ? 'dep dep--critical' : 'dep'} d={line} />
          <path className={critical ? 'dep-end dep-end--critical' : 'dep-end'} d={arrow} />
        </g>
      ))}
    </svg>
  );
}

function drawingOf(board: HTMLElement, links: readonly BoardLink[]): Drawing {
  const corner = board.getBoundingClientRect();
  const placeOf = (key: string): CardPlace | null => {
    const card = board.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (card === null) return null;
    const box = card.getBoundingClientRect();
    const shift = board.scrollLeft - corner.left;
    const middle = box.top - corner.top + box.height / 2 + board.scrollTop - 1;
    return { left: box.left + shift, right: box.right + shift, middle };
  };
  let width = 0;
  let height = 0;
  const drawn = links.flatMap(({ from, to, critical }) => {
    const start = placeOf(from);
    const end = placeOf(to);
    if (start === null || end === null) return [];
    width = Math.max(width, start.right + 20, end.right + 20);
    height = Math.max(height, start.middle + 10, end.middle + 10);
    return [{ id: `${from} ${to}`, critical, ...linkPath(start, end, critical) }];
  });
  return { width, height, links: drawn };
}

function sameOr(before: Drawing, next: Drawing): Drawing {
  return JSON.stringify(before) === JSON.stringify(next) ? before : next;
}
