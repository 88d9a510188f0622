import { expect, it } from 'vitest';
import { afterCrash } from './crash-policy.ts';

it.each(['crashed', 'oom', 'killed', 'abnormal-exit', 'launch-failed'])('shows a fresh page after %s', (reason) => {
  expect(afterCrash(reason, [], 0)).toBe('reload');
});

it('leaves a page alone that ended as it was told', () => {
  expect(afterCrash('clean-exit', [], 0)).toBe('leave');
});

it('asks when pages crash one after the other, but not for crashes of long ago', () => {
  expect(afterCrash('crashed', [1_000, 2_000], 3_000)).toBe('reload');
  expect(afterCrash('crashed', [1_000, 2_000, 3_000], 4_000)).toBe('ask');
  expect(afterCrash('crashed', [1_000, 2_000, 3_000], 61_000)).toBe('reload');
});
