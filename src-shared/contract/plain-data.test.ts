import * as fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { encodeFrame } from './codec.ts';
import { findPlainDataFault } from './plain-data.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

describe('findPlainDataFault', () => {
  it('finds none in whatever plain data the codec writes', () => {
    const anyData = fc.jsonValue({ maxDepth: 8 });
    fc.assert(fc.property(anyData, (data) => findPlainDataFault(encodeFrame(data)) === null));
    const edges = [
      undefined,
      2 ** 53 - 1,
      -(2 ** 40),
      1.5,
      'x'.repeat(70_000),
      Array.from({ length: 70_000 }, () => 1),
    ];
    for (const data of edges) expect(findPlainDataFault(encodeFrame({ data }))).toBeNull();
  });

  it('ends on every cut and on anything added', () => {
    const whole = encodeFrame({
      type: 'call',
      id: 7,
      name: 'lane.spawn',
      input: { agent: 'demo', list: [1, -2, 3.5, null, true] },
    });
    for (let length = 0; length < whole.length; length += 1) {
      expect(findPlainDataFault(whole.subarray(0, length))).toBe('it ends too early');
    }
    expect(findPlainDataFault(Uint8Array.of(...whole, 0xc0))).toBe('it goes on after its end');
  });

  it('never takes long, and never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const fault = findPlainDataFault(bytes);
        expect(fault === null || fault.length > 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['a record', () => new Packr({ useRecords: true }).pack({ a: 1 })],
    ['a date', () => encodeFrame(new Date(0))],
    ['a regular expression', () => new Packr({ moreTypes: true }).pack(/a/)],
    ['a set', () => new Packr({ moreTypes: true }).pack(new Set([1]))],
    ['bundled strings', () => new Packr({ bundleStrings: true }).pack({ text: 'hello there, hello there' })],
    ['a reference', () => hex('d670000000ff')],
    ['an unknown token', () => hex('c1')],
  ])('refuses %s', (_what, bytes) => {
    expect(findPlainDataFault(bytes())).toBe('it holds an extension');
  });

  it('refuses counts that the bytes cannot hold, and nesting that the stack cannot', () => {
    expect(findPlainDataFault(hex('ddffffffff'))).toBe('it ends too early');
    expect(findPlainDataFault(hex('df7fffffff01'))).toBe('it ends too early');
    expect(findPlainDataFault(hex('c6ffffffff00'))).toBe('it ends too early');
    expect(findPlainDataFault(hex('91'.repeat(100)))).toBe('it is nested too deeply');
  });
});
