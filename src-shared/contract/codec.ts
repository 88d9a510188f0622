/** Frames as bytes: msgpack of plain data, bounded in size. The same on every transport. */
import { Packr } from 'msgpackr';
import type { z } from 'zod';
import { fail, ok, type Result } from '../base/result.ts';
import { findPlainDataFault } from './plain-data.ts';

/** A larger frame is never sent, and closes the connection of who sends one. */
export const frameBytesMax = 16 * 1024 * 1024;

const packr = new Packr({ useRecords: false, int64AsType: 'number' });

/** Bytes of `frame`. The caller checks them against `frameBytesMax`: see `fitsFrame`. */
export function encodeFrame(frame: unknown): Uint8Array {
  return packr.pack(frame);
}

/** Whether the bytes may be sent as one frame. */
export function fitsFrame(bytes: Uint8Array): boolean {
  return bytes.byteLength <= frameBytesMax;
}

/** The frame in `bytes`, checked against `schema`; the error is a sentence for the log and for the peer. */
export function decodeFrame<Schema extends z.ZodType>(
  schema: Schema,
  bytes: Uint8Array,
): Result<z.output<Schema>, string> {
  if (!fitsFrame(bytes)) return fail(`a frame of ${bytes.byteLength} bytes is larger than ${frameBytesMax}`);
  const fault = findPlainDataFault(bytes);
  if (fault !== null) return fail(`a frame is not plain data: ${fault}`);
  const parsed = schema.safeParse(packr.unpack(bytes));
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  return fail(`a frame breaks the protocol at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'unknown'}`);
}
