import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useLayoutEffect } from 'react';
import type { FollowedEnd } from './use-follow.ts';

const lineHeightPx = 18;

/** The scrolled lines of a log, of which those in view are drawn. `notice` stands before the first one. */
export function LineScroller<Line extends { readonly number: number }>({
  end,
  lines,
  notice,
  className,
  linesClassName,
  lineClassName,
  children,
}: {
  end: FollowedEnd;
  lines: readonly Line[];
  notice: ReactNode;
  className: string;
  linesClassName: string;
  lineClassName?: (line: Line) => string;
  children: (line: Line) => ReactNode;
}) {
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => end.scroller.current,
    estimateSize: () => lineHeightPx,
    getItemKey: (index) => lines[index]?.number ?? index,
    overscan: 20,
    paddingStart: 8,
    paddingEnd: 8,
  });
  // Here, since lines that turn out taller than estimated draw only this anew.
  useLayoutEffect(() => end.keep());
  return (
    <div className={className} {...end.scrolling} tabIndex={0} role="region" aria-label="Log">
      {notice}
      <pre className={linesClassName} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index];
          if (line === undefined) return null;
          return (
            <span
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className={lineClassName?.(line)}
              style={{ position: 'absolute', top: 0, insetInline: 0, transform: `translateY(${item.start}px)` }}
            >
              {children(line)}
            </span>
          );
        })}
      </pre>
    </div>
  );
}
