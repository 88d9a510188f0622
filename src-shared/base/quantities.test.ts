import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, formatSize, parseDuration, parseSize } from './quantities.ts';

describe('durations', () => {
  it.each([
    ['10s', 10_000],
    ['1m30s', 90_000],
    ['250ms', 250],
    ['1h', 3_600_000],
    ['1.5s', 1_500],
    ['0', 0],
    ['0s', 0],
    ['', null],
    ['10', null],
    ['ten s', null],
    ['10s later', null],
    ['-1s', null],
  ])('reads "%s" as %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it('reads back what it wrote', () => {
    fc.assert(fc.property(fc.nat({ max: 86_400_000 }), (ms) => parseDuration(formatDuration(ms)) === ms));
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1e6, noNaN: true }), (ms) => parseDuration(formatDuration(ms)) === ms),
    );
  });
});

describe('sizes', () => {
  it.each([
    ['256MB', 268_435_456],
    ['512KiB', 524_288],
    ['1g', 1_073_741_824],
    ['1.5GB', 1_610_612_736],
    ['100', 100],
    ['1.5', null],
    ['big', null],
    ['', null],
  ])('reads "%s" as %s', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it('reads back what it wrote', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseSize(formatSize(bytes)) === bytes));
  });
});
