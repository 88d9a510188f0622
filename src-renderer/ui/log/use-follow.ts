import { type KeyboardEvent, type RefObject, useCallback, useMemo, useRef, useState } from 'react';
import { EndHold, type ScrollState } from './end-hold.ts';

/** The end of a scrolled element that grows. */
export interface FollowedEnd {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly following: boolean;
  /** For a layout effect, without dependencies, of the component that draws what grows. */
  readonly keep: () => void;
  /** Goes to the end and follows it. */
  readonly follow: () => void;
  /** For the element that scrolls. */
  readonly scrolling: {
    readonly ref: RefObject<HTMLDivElement | null>;
    readonly onScroll: () => void;
    readonly onWheel: (event: { readonly deltaY: number; readonly ctrlKey: boolean }) => void;
    readonly onKeyDown: (event: KeyboardEvent) => void;
  };
}

/** Where a key leads in an element that scrolls. */
const keys: Readonly<Record<string, 'up' | 'down'>> = {
  ArrowUp: 'up',
  PageUp: 'up',
  Home: 'up',
  ArrowDown: 'down',
  PageDown: 'down',
  End: 'down',
};

/**
 * Keeps a scrolled element at its end while things are added. Scrolling up lets go of the end; scrolling back to it,
 * or `follow`, takes hold of it again.
 */
export function useFollow(): FollowedEnd {
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const hold = useRef(new EndHold());
  const held = useRef<HTMLDivElement | null>(null);
  const keep = useCallback(() => {
    const element = scroller.current;
    // One that was taken away and comes again begins at its end, like the first one.
    if (element !== held.current) hold.current = new EndHold();
    held.current = element;
    if (element !== null && hold.current.grew(stateOf(element))) {
      element.scrollTo({ top: element.scrollHeight });
      hold.current.placed(stateOf(element));
    }
    setFollowing(hold.current.holds);
  }, []);
  const actions = useMemo(() => {
    const told = (tell: (hold: EndHold, now: ScrollState) => void): void => {
      if (scroller.current === null) return;
      tell(hold.current, stateOf(scroller.current));
      setFollowing(hold.current.holds);
    };
    const turned = (direction: 'up' | 'down'): void => told((end, now) => end.turned(direction, now));
    return {
      follow: () => {
        hold.current.take();
        keep();
      },
      scrolling: {
        ref: scroller,
        onScroll: () => told((end, now) => end.scrolled(now)),
        // With Control it is the size of the page that is turned.
        onWheel: ({ deltaY, ctrlKey }: { readonly deltaY: number; readonly ctrlKey: boolean }) => {
          if (deltaY !== 0 && !ctrlKey) turned(deltaY < 0 ? 'up' : 'down');
        },
        onKeyDown: ({ key, shiftKey, target, currentTarget }: KeyboardEvent) => {
          // The space bar scrolls the element itself; on a button in it, it is a press.
          const direction = key === ' ' && target === currentTarget ? (shiftKey ? 'up' : 'down') : keys[key];
          if (direction !== undefined) turned(direction);
        },
      },
    };
  }, [keep]);
  return { scroller, following, keep, ...actions };
}

function stateOf({ scrollTop, scrollHeight, clientHeight }: HTMLElement): ScrollState {
  return { top: scrollTop, contentHeight: scrollHeight, viewHeight: clientHeight };
}
