/** What clients of the benchmark's nodes send and get: a number that pairs both, and opaque bytes. */
import type { ProposalOutcome } from '#main/raft/host/proposal-queue.ts';

/** Room for the length that goes before each frame. */
const lengthBytes = 4;
const statuses = ['applied', 'not-leader', 'busy', 'unknown'] as const satisfies readonly ProposalOutcome['kind'][];

export function encodeRequest(id: number, data: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(lengthBytes + 4 + data.byteLength);
  frame.writeUInt32LE(id, lengthBytes);
  frame.set(data, lengthBytes + 4);
  return frame;
}

export function decodeRequest(frame: Buffer): { id: number; data: Uint8Array } {
  return { id: frame.readUInt32LE(0), data: frame.subarray(4) };
}

export function encodeResponse(id: number, outcome: ProposalOutcome): Buffer {
  const answer = outcome.kind === 'applied' ? outcome.answer : new Uint8Array(0);
  const frame = Buffer.allocUnsafe(lengthBytes + 5 + answer.byteLength);
  frame.writeUInt32LE(id, lengthBytes);
  frame.writeUInt8(statuses.indexOf(outcome.kind), lengthBytes + 4);
  frame.set(answer, lengthBytes + 5);
  return frame;
}

export function decodeResponse(frame: Buffer): { id: number; status: ProposalOutcome['kind']; answer: Uint8Array } {
  const status = statuses[frame.readUInt8(4)];
  if (status === undefined) throw new Error('a response of an unknown kind');
  return { id: frame.readUInt32LE(0), status, answer: frame.subarray(5) };
}
