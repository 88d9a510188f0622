import { expect, test } from 'vitest';
import { activityTop } from './activity-top.ts';

test('all lanes share the scale of the busiest, in steps', () => {
  expect(activityTop([{ activity: [0, 13, 2] }, { activity: [7] }])).toBe(18);
  expect(activityTop([{ activity: [12] }])).toBe(12);
});

test('silence has a scale too', () => {
  expect(activityTop([])).toBe(6);
  expect(activityTop([{ activity: [] }, { activity: [0, 1] }])).toBe(6);
});
