import { expect, test } from 'vitest';
import { stepParts } from './step-parts.ts';

const marked = (step: string): string =>
  stepParts(step)
    .map(({ text, code }) => (code ? `<${text}>` : text))
    .join('');

test('sets paths and commands apart', () => {
  expect(marked('Editing src/api.ts')).toBe('Editing <src/api.ts>');
  expect(marked('Edited src/api.ts')).toBe('Edited <src/api.ts>');
  expect(marked('Running psql -f explain.sql, run 2 of 3')).toBe('Running <psql -f explain.sql>, run 2 of 3');
  expect(marked('Worker `dock-b` does not answer.')).toBe('Worker <dock-b> does not answer.');
});

test('leaves words alone', () => {
  expect(marked('Running tests, 41 of 63')).toBe('Running tests, 41 of 63');
  expect(marked('Thinking, 38 s')).toBe('Thinking, 38 s');
  expect(marked('')).toBe('');
});
