/** Small archives in memory, as engines take files: POSIX ustar (IEEE Std 1003.1-1988). */
import { assert } from '#shared/base/assert.ts';

/** A file to be packed. `path` is relative; folders in it are made where they are missing. */
export interface TarFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Permission bits, as 0o444. */
  readonly mode: number;
  readonly userId?: number;
  readonly groupId?: number;
}

const blockBytes = 512;
const nameBytesMax = 100;
const prefixBytesMax = 155;

/** Packs files into one archive. */
export function tarOf(files: readonly TarFile[]): Uint8Array {
  const parts: Buffer[] = [];
  for (const file of files) {
    parts.push(headerOf(file), Buffer.from(file.bytes));
    const rest = file.bytes.byteLength % blockBytes;
    if (rest > 0) parts.push(Buffer.alloc(blockBytes - rest));
  }
  parts.push(Buffer.alloc(blockBytes * 2));
  return Buffer.concat(parts);
}

function headerOf({ path, bytes, mode, userId = 0, groupId = 0 }: TarFile): Buffer {
  const header = Buffer.alloc(blockBytes);
  const { name, prefix } = split(path);
  const octal = (value: number, offset: number, length: number): void => {
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, length, 'latin1');
  };
  header.write(name, 0, nameBytesMax, 'utf8');
  octal(mode, 100, 8);
  octal(userId, 108, 8);
  octal(groupId, 116, 8);
  octal(bytes.byteLength, 124, 12);
  octal(0, 136, 12);
  header.write('        ', 148, 8, 'latin1');
  header.write('0', 156, 1, 'latin1');
  header.write('ustar\u000000', 257, 8, 'latin1');
  header.write(prefix, 345, prefixBytesMax, 'utf8');
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return header;
}

function split(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= nameBytesMax) return { name: path, prefix: '' };
  for (let cut = path.indexOf('/'); cut !== -1; cut = path.indexOf('/', cut + 1)) {
    const [prefix, name] = [path.slice(0, cut), path.slice(cut + 1)];
    if (Buffer.byteLength(prefix) <= prefixBytesMax && Buffer.byteLength(name) <= nameBytesMax) return { name, prefix };
  }
  assert(false, `a path of an archive is at most ${prefixBytesMax + nameBytesMax} bytes`);
}
