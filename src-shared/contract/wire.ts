/**
 * What the two sides of the contract say to each other, as plain data. The client says
 * `hello` first and waits for `welcome` or `refused`. Ids are chosen by the client, are never
 * used twice on one connection, and are shared by calls and streams.
 *
 * State streams: the host sends at most as many `state` frames as it has credit for, two to
 * begin with; each frame that was dealt with gives one back. Log streams: the host stops once
 * `logPauseBytes` are unacknowledged and goes on at `logResumeBytes`.
 */
import { z } from 'zod';
import { contractErrorSchema } from './error.ts';

const id = z.number().int().positive();

/** Frames from the client. `hello` never loses a field, so that every version can refuse every other. */
export const clientFrameSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), contractVersion: z.number(), gantryVersion: z.string().max(100) }),
  z.object({ type: z.literal('call'), id, name: z.string().max(100), input: z.unknown() }),
  /** The caller no longer waits. The call may be done all the same. */
  z.object({ type: z.literal('cancel'), id }),
  z.object({ type: z.literal('open'), id, name: z.string().max(100), input: z.unknown() }),
  z.object({ type: z.literal('credit'), id, frames: z.number().int().positive().max(1_000) }),
  z.object({ type: z.literal('ack'), id, bytes: z.number().int().positive() }),
  /** A revision is missing: asks for a whole snapshot. */
  z.object({ type: z.literal('refresh'), id }),
  z.object({ type: z.literal('close'), id }),
  z.object({ type: z.literal('ping') }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

/** Frames from the host. */
export const hostFrameSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    contractVersion: z.number(),
    gantryVersion: z.string(),
    /** Opens the next connection, also after a restart that made a new token. Not on every transport. */
    ticket: z.string().optional(),
  }),
  z.object({ type: z.literal('refused'), error: contractErrorSchema }),
  z.object({ type: z.literal('reply'), id, value: z.unknown() }),
  /** Ends a call or a stream. */
  z.object({ type: z.literal('failure'), id, error: contractErrorSchema }),
  z.object({
    type: z.literal('state'),
    id,
    /** One more than in the frame before. */
    rev: z.number().int().positive(),
    /** Begins a snapshot: what was known is void. */
    reset: z.boolean(),
    /** The snapshot goes on in the next frame. */
    more: z.boolean(),
    set: z.array(z.tuple([z.string(), z.unknown()])),
    removed: z.array(z.string()),
  }),
  z.object({ type: z.literal('items'), id, items: z.array(z.unknown()) }),
  z.object({ type: z.literal('end'), id }),
  z.object({ type: z.literal('pong') }),
]);
export type HostFrame = z.infer<typeof hostFrameSchema>;
export type StateFrame = Extract<HostFrame, { type: 'state' }>;

/** State frames that may be under way to a client that has dealt with none of them. */
export const stateFramesAhead = 2;

/** Entries of one state frame; a larger snapshot or change is sent in several. */
export const stateEntriesMax = 1_000;

/** A log stream pauses at this many unacknowledged bytes of frames… */
export const logPauseBytes = 100_000;

/** …and goes on once no more than this many are left. */
export const logResumeBytes = 5_000;

/** How long either side waits for the other's first word. */
export const handshakeMs = 10_000;
