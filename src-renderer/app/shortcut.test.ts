import { expect, test } from 'vitest';
import { belongsToField, matchShortcut, pressName } from './shortcut.ts';

const press = (key: string, held: Partial<Parameters<typeof pressName>[0]> = {}): string | null =>
  pressName({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held });

test('names presses alike on every keyboard', () => {
  expect(press('k', { ctrlKey: true })).toBe('mod+k');
  expect(press('K', { metaKey: true })).toBe('mod+k');
  expect(press('X', { shiftKey: true })).toBe('shift+x');
  expect(press('?', { shiftKey: true })).toBe('?');
  expect(press('Escape')).toBe('escape');
  expect(press('Shift', { shiftKey: true })).toBeNull();
});

test('follows sequences and prefers what was offered last', () => {
  const targets = [{ id: 1, shortcut: 'g l' }, { id: 2, shortcut: 'p' }, { id: 3, shortcut: 'p' }, { id: 4 }];
  expect(matchShortcut(['g'], targets)).toEqual({ kind: 'partial' });
  expect(matchShortcut(['g', 'l'], targets)).toMatchObject({ kind: 'found', target: { id: 1 } });
  expect(matchShortcut(['p'], targets)).toMatchObject({ kind: 'found', target: { id: 3 } });
  expect(matchShortcut(['x'], targets)).toEqual({ kind: 'none' });
});

test('typing into a field types, but for Escape and the modifier keys', () => {
  expect(belongsToField('y', true)).toBe(true);
  expect(belongsToField('escape', true)).toBe(false);
  expect(belongsToField('mod+k', true)).toBe(false);
  expect(belongsToField('y', false)).toBe(false);
});
