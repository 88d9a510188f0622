import { expect, test } from 'vitest';
import { EndHold, type ScrollState } from './end-hold.ts';

const viewHeight = 100;
const at = (top: number, contentHeight: number): ScrollState => ({ top, contentHeight, viewHeight });

/** A hold whose end is shown, of content as tall as this. */
function heldAt(contentHeight: number): EndHold {
  const hold = new EndHold();
  expect(hold.grew(at(0, contentHeight))).toBe(true);
  hold.placed(at(contentHeight - viewHeight, contentHeight));
  return hold;
}

test('the end is held while things are added', () => {
  const hold = heldAt(500);
  hold.scrolled(at(400, 500));
  expect(hold.grew(at(400, 518))).toBe(true);
});

test('a line that arrives before the event of a scroll does not undo the scroll', () => {
  const hold = heldAt(500);
  expect(hold.grew(at(150, 518))).toBe(false);
  hold.scrolled(at(150, 518));
  expect(hold.holds).toBe(false);
  expect(hold.grew(at(150, 536))).toBe(false);
});

test('a small step up lets go, though it is near the end', () => {
  const hold = heldAt(500);
  hold.scrolled(at(396, 500));
  expect(hold.grew(at(396, 518))).toBe(false);
});

test('a wheel or key that turns up lets go before anything has moved, and events of before do not take hold again', () => {
  const hold = heldAt(500);
  hold.turned('up', at(400, 500));
  hold.scrolled(at(400, 500));
  expect(hold.grew(at(400, 518))).toBe(false);
});

test('scrolling down to the end, turning down at it, and asking for it take hold again', () => {
  const hold = heldAt(500);
  hold.scrolled(at(100, 500));
  hold.scrolled(at(300, 500));
  expect(hold.holds).toBe(false);
  hold.scrolled(at(390, 500));
  expect(hold.holds).toBe(true);

  hold.turned('up', at(400, 500));
  hold.turned('down', at(400, 500));
  expect(hold.holds).toBe(true);

  hold.scrolled(at(100, 500));
  hold.take();
  expect(hold.grew(at(100, 518))).toBe(true);
});

test('content that shrinks and a view that grows are no scroll of a person', () => {
  const shrunk = heldAt(500);
  expect(shrunk.grew(at(200, 300))).toBe(true);
  shrunk.placed(at(200, 300));
  shrunk.scrolled(at(200, 300));
  expect(shrunk.holds).toBe(true);

  const resized = heldAt(500);
  expect(resized.grew({ top: 300, contentHeight: 518, viewHeight: 200 })).toBe(true);
});

test('what fits is followed: there is no place in it to lose', () => {
  const hold = heldAt(500);
  hold.scrolled(at(100, 500));
  hold.scrolled(at(0, 80));
  expect(hold.holds).toBe(true);
  hold.turned('up', at(0, 80));
  expect(hold.holds).toBe(true);
});
