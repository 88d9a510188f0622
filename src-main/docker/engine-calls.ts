/** Asks the engine over whatever connection there is. Only reads are asked again, once, after the connection broke. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { z } from 'zod';
import { fail, ok } from '#shared/base/result.ts';
import type { EngineRefusal, EngineResult } from '../ports/engine.ts';
import type { EngineConnection, EngineRequest } from './engine-connection.ts';
import { refusalOfEnding } from './engine-refusal.ts';

/** How long something may take. */
export const deadlines = {
  readMs: 10_000,
  /** Starting, killing, renaming: what the engine does at once unless it is busy. */
  changeMs: 30_000,
  /** Creating takes a snapshot of the image; removing deletes files. */
  createMs: 60_000,
  /** Measuring disk use walks through all volumes. */
  measureMs: 120_000,
} as const;

/** Refusals whose cause may be the engine's own end. */
const doubtful = new Set<EngineRefusal['reason']>(['refused', 'not-started']);

/** A request whose deadline is the usual one unless it says otherwise. */
export type EngineCall = Omit<EngineRequest, 'deadlineMs'> & { readonly deadlineMs?: number };

export interface EngineCalls {
  /** Asks for JSON; asked once more if the connection broke, since reading twice harms nobody. */
  read<T>(call: Omit<EngineCall, 'method'>, schema: z.ZodType<T>): Promise<EngineResult<T>>;
  /** Asks for a change that answers JSON. Never asked twice. */
  change<T>(call: EngineCall, schema: z.ZodType<T>): Promise<EngineResult<T>>;
  /** Asks for a change that answers nothing of interest. Never asked twice. */
  order(call: EngineCall): Promise<EngineResult<null>>;
  open(call: EngineCall): Promise<EngineResult<IncomingMessage>>;
  hijack(call: EngineCall): Promise<EngineResult<Duplex>>;
}

/** The way to the engine. */
export interface EngineWay {
  /** The present connection, or why there is none. */
  connection(): Promise<EngineResult<EngineConnection>>;
  /** Whether the engine will take the next request; one that is ending will not. */
  isStaying(): Promise<boolean>;
}

/** Calls that are asked on a way. What an engine says while it ends is not taken for an answer. */
export function engineCalls(way: EngineWay): EngineCalls {
  async function over<T>(
    call: EngineCall,
    deadlineMs: number,
    ask: (connection: EngineConnection, request: EngineRequest) => Promise<EngineResult<T>>,
  ): Promise<EngineResult<T>> {
    const connected = await way.connection();
    return connected.ok ? ask(connected.value, { deadlineMs, ...call }) : connected;
  }

  /** For what changes something: an engine that is ending refuses it for reasons of its own. */
  async function overStaying<T>(
    call: EngineCall,
    deadlineMs: number,
    ask: (connection: EngineConnection, request: EngineRequest) => Promise<EngineResult<T>>,
  ): Promise<EngineResult<T>> {
    const answered = await over(call, deadlineMs, ask);
    const isDoubtful = !answered.ok && doubtful.has(answered.error.reason) && call.signal?.aborted !== true;
    return !isDoubtful || (await way.isStaying()) ? answered : fail(refusalOfEnding(call.doing));
  }
  return {
    async read(call, schema) {
      const once = () =>
        over({ ...call, method: 'GET' }, deadlines.readMs, (connection, request) => connection.ask(request, schema));
      const first = await once();
      return !first.ok && first.error.reason === 'unreachable' ? once() : first;
    },
    change: (call, schema) =>
      overStaying(call, deadlines.changeMs, (connection, request) => connection.ask(request, schema)),
    async order(call) {
      return done(await overStaying(call, deadlines.changeMs, (connection, request) => connection.tell(request)));
    },
    open: (call) => overStaying(call, deadlines.readMs, (connection, request) => connection.open(request)),
    hijack: (call) => overStaying(call, deadlines.readMs, (connection, request) => connection.hijack(request)),
  };
}

/** A result without its value. */
export function done(result: EngineResult<unknown>): EngineResult<null> {
  return result.ok ? ok(null) : result;
}

/** Takes a refusal for success where what was asked is so already. */
export function accepting(result: EngineResult<null>, isFine: (refusal: EngineRefusal) => boolean): EngineResult<null> {
  return !result.ok && isFine(result.error) ? ok(null) : result;
}
