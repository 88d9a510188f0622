/** Files in and out of containers, as tar archives. */
import { Readable } from 'node:stream';
import { ok } from '#shared/base/result.ts';
import type { ContainerEngine } from '../ports/engine.ts';
import type { EngineCalls } from './engine-calls.ts';
import { enginePath } from './engine-connection.ts';
import { EngineStreamError, refusalOfBreak } from './engine-refusal.ts';

const putMs = 600_000;

/** The part of an engine that copies archives. What is not pulled is not sent. */
export function containerArchives(calls: EngineCalls): Pick<ContainerEngine, 'putArchive' | 'getArchive'> {
  return {
    putArchive: (id, path, tar) =>
      calls.order({
        method: 'PUT',
        path: enginePath`/containers/${id}/archive`,
        query: { path },
        upload:
          tar instanceof Uint8Array
            ? Buffer.from(tar.buffer, tar.byteOffset, tar.byteLength)
            : Readable.from(tar, { objectMode: false }),
        deadlineMs: putMs,
        doing: `copy files to ${path} of the container`,
      }),

    async getArchive(id, path) {
      const opened = await calls.open({
        method: 'GET',
        path: enginePath`/containers/${id}/archive`,
        query: { path },
        doing: `copy ${path} of the container`,
      });
      return opened.ok ? ok(readBytes(opened.value)) : opened;
    },
  };
}

async function* readBytes(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* stream;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new EngineStreamError(refusalOfBreak('an archive', error));
  }
}
