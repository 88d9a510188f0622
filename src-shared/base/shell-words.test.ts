import { expect, test } from 'vitest';
import { quoteWords, shellWords } from './shell-words.ts';

test('splits as a shell does', () => {
  expect(shellWords(`sh -c 'echo "a b"; exit 1' "x y" a\\ b ''`)).toEqual([
    'sh',
    '-c',
    'echo "a b"; exit 1',
    'x y',
    'a b',
    '',
  ]);
  expect(shellWords(`echo 'open`)).toBeNull();
});

test('what it quotes it splits into the same words', () => {
  for (const words of [
    ['sh', '-c', `echo 'it''s' "$HOME" \\ done`],
    ['a b', '', '--flag=1'],
    [`'`, '"', '\\'],
  ]) {
    expect(shellWords(quoteWords(words))).toEqual(words);
  }
});
