/** The output of containers, as the engine keeps it. */
import { z } from 'zod';
import { fail, ok } from '#shared/base/result.ts';
import type { ContainerEngine, LogLine } from '../ports/engine.ts';
import type { EngineCalls } from './engine-calls.ts';
import { enginePath } from './engine-connection.ts';
import { EngineStreamError, refusalOfBreak } from './engine-refusal.ts';
import { FrameDecoder, type FramePart } from './frame-decoder.ts';
import { isLater, LogSplitter, sinceSeconds } from './log-splitter.ts';

const terminalSchema = z.object({ Config: z.object({ Tty: z.boolean().default(false) }) });

/** Logs read as far as they are pulled; what was not read is the engine's to keep. */
export function containerLogs(calls: EngineCalls): Pick<ContainerEngine, 'logs'> {
  return {
    async logs(id, { since, tailLines, follow, signal }) {
      const container = await calls.read(
        { path: enginePath`/containers/${id}/json`, doing: 'inspect a container', signal },
        terminalSchema,
      );
      if (!container.ok) return container;
      const from = since === undefined ? null : sinceSeconds(since);
      if (since !== undefined && from === null) {
        const message = `“${since}” is no time stamp of a log.`;
        return fail({ reason: 'refused', message, detail: message });
      }
      const opened = await calls.open({
        method: 'GET',
        path: enginePath`/containers/${id}/logs`,
        query: {
          stdout: true,
          stderr: true,
          timestamps: true,
          follow,
          ...(from === null ? {} : { since: from }),
          ...(tailLines === undefined ? {} : { tail: tailLines }),
        },
        signal,
        doing: 'read a log',
      });
      if (!opened.ok) return opened;
      const decoder = container.value.Config.Tty ? null : new FrameDecoder();
      return ok(readLines(opened.value, decoder, since ?? null, signal));
    },
  };
}

async function* readLines(
  stream: AsyncIterable<Buffer>,
  decoder: FrameDecoder | null,
  since: string | null,
  signal: AbortSignal,
): AsyncGenerator<readonly LogLine[], void, undefined> {
  const splitter = new LogSplitter();
  // The engine's `since` includes its own moment.
  const isNew = (line: LogLine): boolean => since === null || isLater(line.timestamp, since);
  try {
    for await (const chunk of stream) {
      const parts = decoder?.push(chunk) ?? [terminalPart(chunk)];
      const lines = splitter.push(parts).filter(isNew);
      if (lines.length > 0) yield lines;
    }
    decoder?.end();
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Error)) throw error;
    throw new EngineStreamError(refusalOfBreak('a log', error));
  }
  const rest = splitter.end().filter(isNew);
  if (rest.length > 0) yield rest;
}

function terminalPart(bytes: Buffer): FramePart {
  return { stream: 'stdout', bytes, isStart: false };
}
