import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';

/** Closer to the end than this is at the end. */
const atEndPx = 24;

/**
 * Keeps a scrolled element at its end while things are added. Scrolling away lets go of the
 * end; scrolling back, or `follow`, takes hold of it again.
 */
export function useFollow(scroller: RefObject<HTMLElement | null>) {
  const [following, setFollowing] = useState(true);
  const holds = useRef(true);
  const scrollToEnd = useCallback(() => {
    const element = scroller.current;
    if (element !== null) element.scrollTo({ top: element.scrollHeight });
  }, [scroller]);
  useLayoutEffect(() => {
    if (holds.current) scrollToEnd();
  });
  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < atEndPx;
    if (atEnd === holds.current) return;
    holds.current = atEnd;
    setFollowing(atEnd);
  }, [scroller]);
  const follow = useCallback(() => {
    holds.current = true;
    setFollowing(true);
    scrollToEnd();
  }, [scrollToEnd]);
  return { following, onScroll, follow };
}
