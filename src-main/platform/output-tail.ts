/** The last bytes of what was written, however much that was. */
export class OutputTail {
  readonly #bytesMax: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#bytesMax * 2) return;
    const kept = this.#kept();
    this.#chunks = [kept];
    this.#bytes = kept.length;
  }

  /** Begins with a whole character. */
  text(): string {
    return this.#kept()
      .toString('utf8')
      .replace(/^\uFFFD+/, '');
  }

  #kept(): Buffer {
    const all = Buffer.concat(this.#chunks);
    return all.subarray(Math.max(0, all.length - this.#bytesMax));
  }
}
