/**
 * What a frame may be made of: plain msgpack data (null, booleans, numbers, strings, arrays,
 * maps). Extensions would let a peer name records, references, regular expressions or bundled
 * strings, for which the decoder builds code and tables; they are refused before it sees them,
 * and so are lengths that the frame cannot hold and nesting that would exhaust the stack.
 */

/** Deeper nesting than this is refused. The contract's own data nests about ten deep. */
const depthMax = 64;

/** Says what is wrong with `bytes` as one plain msgpack value; null when nothing is. */
export function findPlainDataFault(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength;
  /** How many values are still to come at each level that is open. */
  const open: number[] = [1];
  let at = 0;
  while (open.length > 0) {
    const left = open[open.length - 1] ?? 0;
    if (left === 0) {
      open.pop();
      continue;
    }
    open[open.length - 1] = left - 1;
    if (at >= end) return 'it ends too early';
    const token = bytes[at] ?? 0;
    at += 1;
    const shape = shapeOf(token, view, at, end);
    if (typeof shape === 'string') return shape;
    at += shape.skip;
    if (at > end) return 'it ends too early';
    // Every value takes a byte at least, so a count beyond what is left is a lie.
    if (shape.children > end - at) return 'it ends too early';
    if (shape.children > 0) {
      if (open.length >= depthMax) return 'it is nested too deeply';
      open.push(shape.children);
    }
  }
  return at === end ? null : 'it goes on after its end';
}

interface Shape {
  /** Bytes of this value after its token that hold no further values. */
  readonly skip: number;
  /** Values that follow and belong to this one. */
  readonly children: number;
}

const empty: Shape = { skip: 0, children: 0 };

/** See the msgpack specification, "Formats"; `at` is the byte after `token`. */
function shapeOf(token: number, view: DataView, at: number, end: number): Shape | string {
  if (token <= 0x7f || token >= 0xe0) return empty;
  if (token <= 0x8f) return { skip: 0, children: (token & 0x0f) * 2 };
  if (token <= 0x9f) return { skip: 0, children: token & 0x0f };
  if (token <= 0xbf) return { skip: token & 0x1f, children: 0 };
  const lengthBytes = lengthBytesOf(token);
  if (at + lengthBytes > end) return 'it ends too early';
  const length = lengthBytes === 1 ? view.getUint8(at) : lengthBytes === 2 ? view.getUint16(at) : 0;
  const longLength = lengthBytes === 4 ? view.getUint32(at) : length;
  switch (token) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return empty;
    case 0xc4:
    case 0xc5:
    case 0xc6:
    case 0xd9:
    case 0xda:
    case 0xdb:
      return { skip: lengthBytes + longLength, children: 0 };
    case 0xcc:
    case 0xd0:
      return { skip: 1, children: 0 };
    case 0xcd:
    case 0xd1:
      return { skip: 2, children: 0 };
    case 0xca:
    case 0xce:
    case 0xd2:
      return { skip: 4, children: 0 };
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return { skip: 8, children: 0 };
    case 0xdc:
    case 0xdd:
      return { skip: lengthBytes, children: longLength };
    case 0xde:
    case 0xdf:
      return { skip: lengthBytes, children: longLength * 2 };
    case 0xd4:
      // How the encoder writes `undefined`: a one-byte extension of type 0 that holds 0.
      if (at + 2 <= end && view.getUint16(at) === 0) return { skip: 2, children: 0 };
      return 'it holds an extension';
    default:
      return 'it holds an extension';
  }
}

function lengthBytesOf(token: number): 0 | 1 | 2 | 4 {
  switch (token) {
    case 0xc4:
    case 0xd9:
      return 1;
    case 0xc5:
    case 0xda:
    case 0xdc:
    case 0xde:
      return 2;
    case 0xc6:
    case 0xdb:
    case 0xdd:
    case 0xdf:
      return 4;
    default:
      return 0;
  }
}
