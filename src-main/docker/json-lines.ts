/** Streams of JSON values, one a line, read as they come: nothing but the unfinished line is kept. */
import { StringDecoder } from 'node:string_decoder';
import { assert } from '#shared/base/assert.ts';

const lineCharactersMax = 8 * 1_024 * 1_024;

/** Takes a stream apart that may be cut at any byte. A line that is no JSON throws. */
export class JsonLineDecoder {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  /** The values that `chunk` completes. */
  push(chunk: Buffer): unknown[] {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > lineCharactersMax) throw new Error(`a line of more than ${lineCharactersMax} characters`);
    return lines.flatMap(parseLine);
  }

  /** The value of a last line without an end. */
  end(): unknown[] {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    return parseLine(rest);
  }
}

/** Reads a stream value by value; a slow reader holds the sender back. */
export async function* readJsonLines(stream: AsyncIterable<unknown>): AsyncGenerator<unknown, void, undefined> {
  const decoder = new JsonLineDecoder();
  for await (const chunk of stream) {
    assert(Buffer.isBuffer(chunk), 'streams of engines are bytes');
    yield* decoder.push(chunk);
  }
  yield* decoder.end();
}

function parseLine(line: string): unknown[] {
  const text = line.trim();
  return text === '' ? [] : [JSON.parse(text) as unknown];
}
