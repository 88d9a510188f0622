import { expect, it } from 'vitest';
import { GantryError } from '#shared/contract/error.ts';
import { describeStartFailure } from './start-failure.ts';

it('shows what a named error says, and all there is of any other', () => {
  const named = new GantryError('folder-in-use', 'Another Gantry (process 7) uses /data.');
  expect(describeStartFailure(named).text).toBe('Another Gantry (process 7) uses /data.');
  const text = describeStartFailure(new TypeError('x is not a function')).text;
  expect(text).toContain('fault of Gantry');
  expect(text).toContain('x is not a function');
});
