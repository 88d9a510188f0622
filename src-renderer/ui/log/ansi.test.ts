import { expect, test } from 'vitest';
import { ansiSpans, plainText } from './ansi.ts';

const read = (line: string): string =>
  ansiSpans(line)
    .spans.map(({ text, look }) => (look === null ? text : `<${look}>${text}</>`))
    .join('');

test('colours become looks', () => {
  expect(read('\u001b[32m✓\u001b[39m creates \u001b[2m38 ms\u001b[22m')).toBe('<good>✓</> creates <faint>38 ms</>');
  expect(read('\u001b[1;31mboom\u001b[m!')).toBe('<bad>boom</>!');
  expect(read('\u001b[38;5;196mred\u001b[0m \u001b[38;2;1;2;3mtrue\u001b[0m')).toBe('red true');
});

test('a look goes on into the next line', () => {
  const first = ansiSpans('\u001b[31mone');
  expect(ansiSpans('two', first.look).spans).toEqual([{ text: 'two', look: 'bad' }]);
});

test('every other sequence is dropped', () => {
  expect(read('\u001b[2K\u001b[1Aclean')).toBe('clean');
  expect(read('\u001b]0;a title\u0007text\u001b]8;;javascript:alert(1)\u001b\\link\u001b]8;;\u001b\\')).toBe(
    'textlink',
  );
  expect(read('a\u0000b\u0008c\u202ed')).toBe('abcd');
  expect(read('10 %\r50 %\r100 %\r')).toBe('100 %');
});

test('markup stays text', () => {
  expect(plainText('<img src=x onerror=alert(1)>\u001b[31m')).toBe('<img src=x onerror=alert(1)>');
});
