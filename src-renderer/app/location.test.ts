import { expect, test } from 'vitest';
import { formatLocation, parseLocation } from './location.ts';

test('reads what it writes', () => {
  for (const location of [
    { viewId: 'lanes', detail: null },
    { viewId: 'lanes', detail: 'lane-1a2b3c4d' },
    { viewId: 'tasks', detail: 'parcel-3f2a9c:T-27' },
  ]) {
    expect(parseLocation(formatLocation(location))).toEqual(location);
  }
});

test('an empty or broken address is a view without a detail', () => {
  expect(parseLocation('')).toEqual({ viewId: '', detail: null });
  expect(parseLocation('#/lanes/%E0%A4%A')).toEqual({ viewId: 'lanes', detail: '%E0%A4%A' });
});
