import { describe, expect, it } from 'vitest';
import { JsonLineDecoder, readJsonLines } from './json-lines.ts';

const text = Buffer.from('{"a":1}\r\n\n{"b":"ä—\\n"}\n{"c":3}');
const expected = [{ a: 1 }, { b: 'ä—\n' }, { c: 3 }];

describe('streams of JSON lines', () => {
  it('are read wherever they are cut', () => {
    for (let cut = 0; cut <= text.byteLength; cut += 1) {
      const decoder = new JsonLineDecoder();
      const values = [...decoder.push(text.subarray(0, cut)), ...decoder.push(text.subarray(cut)), ...decoder.end()];
      expect(values).toEqual(expected);
    }
  });

  it('are pulled: nothing is read before it is asked for', async () => {
    let pulled = 0;
    async function* source() {
      for (;;) {
        pulled += 1;
        yield Buffer.from(`{"n":${pulled}}\n`);
      }
    }
    for await (const value of readJsonLines(source())) {
      expect(pulled).toBeLessThanOrEqual((value as { n: number }).n);
      if ((value as { n: number }).n === 3) break;
    }
  });

  it('throw where there is no JSON', () => {
    expect(() => new JsonLineDecoder().push(Buffer.from('<html>\n'))).toThrow(SyntaxError);
  });
});
