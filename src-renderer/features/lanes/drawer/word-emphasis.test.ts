import { expect, test } from 'vitest';
import { wordEmphasis } from './word-emphasis.ts';

const show = (before: string, after: string): [string, string] | null => {
  const found = wordEmphasis(before, after);
  const marked = (pieces: readonly { text: string; changed: boolean }[]): string =>
    pieces.map(({ text, changed }) => (changed ? `[${text}]` : text)).join('');
  return found === null ? null : [marked(found.before), marked(found.after)];
};

test('marks what differs, by whole words', () => {
  expect(show('  const found = await byKey(key);', '  const found = await byKey(request.account, key);')).toEqual([
    '  const found = await byKey(key);',
    '  const found = await byKey([request.account,] key);',
  ]);
  expect(show('port = 8080', 'port = 8081')).toEqual(['port = [8080]', 'port = [8081]']);
});

test('leaves lines alone that have little in common', () => {
  expect(show('return null;', 'const total = items.reduce(sum, 0);')).toBeNull();
  expect(show('same', 'same')).toBeNull();
});
