import { expect, test } from 'vitest';
import { readLabels } from './read-labels.ts';

test.each([
  ['', {}],
  [' zone=eu,  disk=fast ', { zone: 'eu', disk: 'fast' }],
  ['rule=a=b empty=', { rule: 'a=b', empty: '' }],
])('labels of %j', (text, value) => {
  expect(readLabels(text)).toEqual({ ok: true, value });
});

test.each(['zone', 'zone=eu fast', '=eu'])('%j is refused rather than left out', (text) => {
  expect(readLabels(text)).toMatchObject({ ok: false, error: expect.stringContaining('is no label') });
});
