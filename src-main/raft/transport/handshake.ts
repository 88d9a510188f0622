/** The first frame of a connection in each direction: who speaks, to which group, in which version. */
import type { PeerId } from '../core/message.ts';
import { ByteReader, ByteWriter, MalformedFrameError } from './byte-writer.ts';

/** Raised when frames change their meaning; peers of different versions do not talk. */
const protocolVersion = 1;
/** Tells a stranger's connection from a peer's. */
const magic = 'gantry-raft';

export interface Hello {
  readonly group: number;
  readonly peer: PeerId;
}

export function encodeHello({ group, peer }: Hello): Uint8Array {
  const writer = new ByteWriter();
  writer.text(magic);
  writer.uint32(protocolVersion);
  writer.uint32(group);
  writer.integer(peer);
  return writer.take();
}

/** Throws `MalformedFrameError` with the reason why the connection cannot be. */
export function decodeHello(frame: Uint8Array, group: number): Hello {
  const reader = new ByteReader(frame);
  if (reader.text() !== magic) throw new MalformedFrameError('not a Raft peer');
  const version = reader.uint32();
  if (version !== protocolVersion) {
    throw new MalformedFrameError(`the peer speaks version ${version}, this node version ${protocolVersion}`);
  }
  const theirs = reader.uint32();
  if (theirs !== group) throw new MalformedFrameError(`the peer is of group ${theirs}, this node of group ${group}`);
  return { group, peer: reader.integer() };
}
