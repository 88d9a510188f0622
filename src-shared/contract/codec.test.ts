import { expect, it } from 'vitest';
import { z } from 'zod';
import { decodeFrame, encodeFrame, fitsFrame, frameBytesMax } from './codec.ts';

const schema = z.object({ type: z.literal('hello'), text: z.string() });

it('brings back what was written', () => {
  const frame = { type: 'hello', text: 'grüße 👋 \u0000' };
  expect(decodeFrame(schema, encodeFrame(frame))).toEqual({ ok: true, value: frame });
});

it('says what is wrong', () => {
  const wrong = decodeFrame(schema, encodeFrame({ type: 'hello', text: 7 }));
  expect(wrong).toMatchObject({ ok: false, error: expect.stringContaining('at "text"') });
  expect(decodeFrame(schema, Uint8Array.of(0xc1))).toMatchObject({
    ok: false,
    error: expect.stringContaining('plain data'),
  });
  const large = new Uint8Array(frameBytesMax + 1);
  expect(fitsFrame(large)).toBe(false);
  expect(decodeFrame(schema, large)).toMatchObject({ ok: false, error: expect.stringContaining('larger than') });
});

it('sets no prototype', () => {
  const bytes = encodeFrame(JSON.parse('{"type":"hello","text":"x","__proto__":{"polluted":true}}'));
  const decoded = decodeFrame(schema.loose(), bytes);
  expect(decoded.ok && 'polluted' in decoded.value).toBe(false);
});
