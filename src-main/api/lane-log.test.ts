import { describe, expect, it } from 'vitest';
import { wholeCharacters } from './lane-log.ts';

describe('wholeCharacters', () => {
  it.each([
    ['', 0],
    ['plain', 5],
    ['grün', 5],
  ])('counts all of "%s"', (text, whole) => {
    expect(wholeCharacters(new TextEncoder().encode(text))).toBe(whole);
  });

  it('leaves out a character of which bytes are missing, whatever its length', () => {
    for (const character of ['ü', '€', '𝄞']) {
      const bytes = new TextEncoder().encode(`a${character}`);
      for (let cut = 2; cut < bytes.length; cut += 1) expect(wholeCharacters(bytes.subarray(0, cut))).toBe(1);
      expect(wholeCharacters(bytes)).toBe(bytes.length);
    }
  });

  it('goes on although bytes are not UTF-8', () => {
    expect(wholeCharacters(new Uint8Array([0x80, 0x80, 0x80, 0x80]))).toBe(4);
  });
});
