import { describe, expect, it } from 'vitest';
import { chooseApi, compareApi } from './meet-engine.ts';

describe('API versions', () => {
  it('are ordered as numbers', () => {
    expect(compareApi('1.9', '1.41')).toBeLessThan(0);
    expect(compareApi('2.0', '1.52')).toBeGreaterThan(0);
    expect(compareApi('1.41', '1.41')).toBe(0);
  });

  it.each([
    ['an engine older than this program', '1.41', '1.12', '1.41'],
    ['one that does not tell its oldest', '1.43', null, '1.43'],
    ['one that is newer', '1.60', '1.44', '1.52'],
    ['one of a far future', '2.1', '1.70', '1.70'],
  ])('are chosen for %s', (_name, newest, oldest, chosen) => {
    expect(chooseApi(newest, oldest)).toBe(chosen);
  });
});
