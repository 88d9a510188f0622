/**
 * What Node does by itself, and Electron does not: an error that nobody caught ends the process.
 * Electron would show it in a box, or print it, and go on with whatever is broken.
 */
import type { EventEmitter } from 'node:events';

/** The members of `process` that are needed. */
export interface FaultySource extends EventEmitter {
  readonly stdout: EventEmitter;
  readonly stderr: EventEmitter;
}

/** Calls `end` with the first error that nobody caught. */
export function endOnFault(source: FaultySource, end: (error: unknown) => void): void {
  let ending = false;
  const onFault = (error: unknown): void => {
    if (ending) return;
    ending = true;
    end(error);
  };
  source.on('uncaughtException', onFault);
  source.on('unhandledRejection', onFault);
  // A terminal that was closed can be told nothing any more, which is no reason to end.
  for (const stream of [source.stdout, source.stderr]) stream.on('error', () => undefined);
}
