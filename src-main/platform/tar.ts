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

/** A folder that is to have an owner or permissions of its own. */
export interface TarFolder {
  readonly folder: string;
  readonly mode: number;
  readonly userId?: number;
  readonly groupId?: number;
}

/** A symbolic link. */
export interface TarLink {
  readonly link: string;
  readonly target: string;
}

const blockBytes = 512;
const nameBytesMax = 100;
const prefixBytesMax = 155;

/** Packs files into one archive, and folders and links with them. */
export function tarOf(entries: readonly (TarFile | TarFolder | TarLink)[]): Uint8Array {
  const parts: Buffer[] = [];
  for (const entry of entries) {
    if ('folder' in entry) {
      parts.push(headerOf({ ...entry, path: `${entry.folder}/`, type: '5', sizeBytes: 0, target: '' }));
      continue;
    }
    if ('link' in entry) {
      parts.push(headerOf({ path: entry.link, mode: 0o777, type: '2', sizeBytes: 0, target: entry.target }));
      continue;
    }
    const { byteLength: sizeBytes } = entry.bytes;
    parts.push(headerOf({ ...entry, type: '0', sizeBytes, target: '' }), Buffer.from(entry.bytes));
    const rest = sizeBytes % blockBytes;
    if (rest > 0) parts.push(Buffer.alloc(blockBytes - rest));
  }
  parts.push(Buffer.alloc(blockBytes * 2));
  return Buffer.concat(parts);
}

interface Header extends Omit<TarFile, 'bytes'> {
  /** POSIX: 0 for a file, 2 for a symbolic link, 5 for a folder. */
  readonly type: '0' | '2' | '5';
  readonly sizeBytes: number;
  readonly target: string;
}

function headerOf({ path, mode, type, sizeBytes, target, userId = 0, groupId = 0 }: Header): Buffer {
  assert(Buffer.byteLength(target) <= nameBytesMax, `a link of an archive leads at most ${nameBytesMax} bytes far`);
  const header = Buffer.alloc(blockBytes);
  const { name, prefix } = split(path);
  const octal = (value: number, offset: number, length: number): void => {
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, length, 'latin1');
  };
  header.write(name, 0, nameBytesMax, 'utf8');
  octal(mode, 100, 8);
  octal(userId, 108, 8);
  octal(groupId, 116, 8);
  octal(sizeBytes, 124, 12);
  octal(0, 136, 12);
  header.write('        ', 148, 8, 'latin1');
  header.write(type, 156, 1, 'latin1');
  header.write(target, 157, nameBytesMax, 'utf8');
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
