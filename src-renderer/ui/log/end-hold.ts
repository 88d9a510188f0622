/** Closer to the end than this is at the end. */
const atEndPx = 24;
/** Positions are whole pixels for one part of a browser and fractions for another. */
const roundingPx = 1;

/** How a scrolled element stands, in px. */
export interface ScrollState {
  readonly top: number;
  readonly contentHeight: number;
  readonly viewHeight: number;
}

/**
 * Whether the end of something that grows is held in view. A person takes it and lets go of it; growing never does.
 *
 * The position alone does not tell who moved it, and scroll events come late:
 * 1. a person scrolls up, and the event of it waits for the next frame;
 * 2. a line arrives, and the end was still held by what the last event said;
 * 3. going to the end now would undo 1.
 * So the position is compared with the one left here before, and turning up (a wheel, a key) lets go before anything moves.
 */
export class EndHold {
  #holds = true;
  #left: ScrollState | null = null;

  get holds(): boolean {
    return this.#holds;
  }

  /** Something was added or has another size. Answers whether the end is to be shown. */
  grew(now: ScrollState): boolean {
    if (this.#left !== null && isMovedUp(this.#left, now)) this.#holds = false;
    return this.#holds;
  }

  /** The end was shown. */
  placed(now: ScrollState): void {
    this.#left = now;
  }

  /** A scroll event came, of whatever cause. */
  scrolled(now: ScrollState): void {
    const before = this.#left;
    this.#left = now;
    if (before !== null && isMovedUp(before, now)) this.#holds = false;
    else if (!isScrollable(now) || (isAtEnd(now) && now.top > (before?.top ?? 0))) this.#holds = true;
  }

  /** A person asks to be taken up or down, and nothing has moved yet. */
  turned(direction: 'up' | 'down', now: ScrollState): void {
    if (direction === 'up') this.#holds &&= !isScrollable(now);
    else if (isAtEnd(now)) this.#holds = true;
  }

  /** A person asks for the end. */
  take(): void {
    this.#holds = true;
    this.#left = null;
  }
}

/** Up by somebody's will: content that shrinks, or a view that has another size, moves as well. */
function isMovedUp(before: ScrollState, now: ScrollState): boolean {
  if (now.viewHeight !== before.viewHeight) return false;
  return now.top < Math.min(before.top, now.contentHeight - now.viewHeight) - roundingPx;
}

function isAtEnd({ top, contentHeight, viewHeight }: ScrollState): boolean {
  return contentHeight - top - viewHeight < atEndPx;
}

function isScrollable({ contentHeight, viewHeight }: ScrollState): boolean {
  return contentHeight > viewHeight + roundingPx;
}
