import { describe, expect, it } from 'vitest';
import { formatWindowState, parseWindowState, placeWindow, type Rectangle } from './window-state.ts';

const laptop: Rectangle = { x: 0, y: 25, width: 1_920, height: 1_055 };
const beside: Rectangle = { x: 1_920, y: 0, width: 2_560, height: 1_440 };

describe('the window', () => {
  it('opens in the middle of the first screen, no larger than it', () => {
    expect(placeWindow(null, [laptop]).bounds).toEqual({ x: 240, y: 102, width: 1_440, height: 900 });
    const small = { x: 0, y: 0, width: 1_280, height: 720 };
    expect(placeWindow(null, [small]).bounds).toEqual(small);
  });

  it('opens where it was', () => {
    const saved = { bounds: { x: 2_000, y: 40, width: 1_200, height: 800 }, isMaximized: true };
    expect(placeWindow(saved, [laptop, beside])).toEqual(saved);
  });

  it.each([
    ['on a screen that is gone', { x: 2_000, y: 40, width: 1_200, height: 800 }],
    ['with its title bar above the screen', { x: 100, y: -300, width: 1_200, height: 800 }],
    ['almost out of sight', { x: 1_900, y: 100, width: 1_200, height: 800 }],
  ])('does not open %s', (_where, bounds) => {
    const placed = placeWindow({ bounds, isMaximized: true }, [laptop]);
    expect(placed).toEqual({ bounds: { x: 240, y: 102, width: 1_440, height: 900 }, isMaximized: true });
  });

  it('reads what it wrote, and nothing else', () => {
    const state = { bounds: { x: -5, y: 40, width: 1_200, height: 800 }, isMaximized: false };
    expect(parseWindowState(formatWindowState(state))).toEqual(state);
    for (const text of ['', '{', '{}', '[1]', '{"bounds":{"x":1.5,"y":0,"width":1,"height":1},"isMaximized":true}']) {
      expect(parseWindowState(text)).toBeNull();
    }
  });
});
