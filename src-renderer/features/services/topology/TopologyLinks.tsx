import { type RefObject, useEffect, useState } from 'react';
import { classNames } from '../../../ui/class-names.ts';
import { type BoxPlace, linkPath } from './link-path.ts';
import type { TopologyLink } from './topology.ts';

interface DrawnLink extends TopologyLink {
  readonly path: string;
  readonly labelX: number;
  readonly labelY: number;
}

const nothing: readonly DrawnLink[] = [];

/**
 * The links as curves between the boxes. Decorative: each box says in words what it is linked to.
 * They are drawn from where the boxes stand, after each change, each resize and each scroll: some boxes stay in view.
 */
export function TopologyLinks({
  board,
  links,
  activeId,
}: {
  board: RefObject<HTMLElement | null>;
  links: readonly TopologyLink[];
  /** The service under the pointer: its links stand out. */
  activeId: string | null;
}) {
  const [drawn, setDrawn] = useState(nothing);
  // Not a layout effect: those of a child run before its parent's element is known.
  useEffect(() => {
    const element = board.current;
    if (element === null) return;
    const draw = (): void => {
      const next = drawnLinks(element, links);
      setDrawn((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next));
    };
    // Told once at the start, and again whenever a box changes its size.
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    for (const box of element.querySelectorAll('[data-box]')) observer.observe(box);
    let frame: number | null = null;
    const onScroll = ({ target }: Event): void => {
      if (frame !== null || !(target instanceof Node)) return;
      if (!target.contains(element) && !element.contains(target)) return;
      frame = requestAnimationFrame(() => {
        frame = null;
        draw();
      });
    };
    // Scroll events do not bubble, and which element scrolls is the page's business.
    document.addEventListener('scroll', onScroll, { capture: true, passive: true });
    return () => {
      observer.disconnect();
      document.removeEventListener('scroll', onScroll, { capture: true });
      if (frame !== null) cancelAnimationFrame(frame);
    };
  }, [board, links]);

  return (
    <svg className="graph__links" aria-hidden="true">
      {drawn.map(({ from, to, kind, widthPx, path, serviceId }) => (
        <path
          key={`${from} ${to} ${kind}`}
          className={classNames('link', `link--${kind}`, serviceId === activeId && 'is-active')}
          strokeWidth={widthPx}
          d={path}
        />
      ))}
      {drawn.map(({ from, to, label, labelX, labelY }) =>
        label === null ? null : (
          <text key={`${from} ${to}`} className="link-label" x={labelX} y={labelY}>
            {label}
          </text>
        ),
      )}
    </svg>
  );
}

function drawnLinks(board: HTMLElement, links: readonly TopologyLink[]): DrawnLink[] {
  const corner = board.getBoundingClientRect();
  const places = new Map<string, BoxPlace>();
  for (const box of board.querySelectorAll<HTMLElement>('[data-box]')) {
    const { left, right, top, height } = box.getBoundingClientRect();
    const seen = box.closest('.hosts')?.getBoundingClientRect();
    // Many hosts scroll by themselves: a link to one out of sight ends where that column is cut.
    const shown = seen === undefined ? top + height / 2 : Math.min(seen.bottom, Math.max(seen.top, top + height / 2));
    const middle = Math.round(shown - corner.top);
    places.set(box.dataset['box'] ?? '', { left: left - corner.left, right: right - corner.left, middle });
  }
  let track = 0;
  return links.flatMap((link) => {
    const from = places.get(link.from);
    const to = places.get(link.to);
    if (from === undefined || to === undefined) return [];
    const path = linkPath(link.kind, from, to, link.kind === 'needs' ? track++ : 0);
    return [{ ...link, path, labelX: to.left - 16, labelY: to.middle + 4 }];
  });
}
