import { expect, test } from 'vitest';
import { keyCaps } from './key-caps.ts';

test('prints keys as they stand on the keyboard', () => {
  expect(keyCaps('mod+k', false)).toBe('Ctrl K');
  expect(keyCaps('mod+k', true)).toBe('⌘ K');
  expect(keyCaps('g l', false)).toBe('G L');
  expect(keyCaps('shift+x', false)).toBe('⇧ X');
  expect(keyCaps('escape', false)).toBe('Esc');
  expect(keyCaps('?', false)).toBe('?');
});
