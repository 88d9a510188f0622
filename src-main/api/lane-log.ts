/** The raw output of a lane's run, read from the worker's file as fast as it is shown. */
import type { ItemOf, ParsedInputOf } from '#shared/contract/contract.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { WorkerPort } from '../ports/worker.ts';
import type { LaneRuns } from './lane-runs.ts';

type Batch = readonly ItemOf<'lane.log'>[];

const chunkBytesMax = 65_536;
/** Output that just came is looked for this often; a log is read by eye. */
const pollMs = 250;

/** Yields output from a byte on, and ends with the run. Without a run it takes the newest, or waits for one. */
export async function* laneLog(
  runs: LaneRuns,
  worker: WorkerPort,
  input: ParsedInputOf<'lane.log'>,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  let runId = input.runId ?? runs.newest(input.laneId);
  while (runId === null) {
    if (signal.aborted || runs.isOver(input.laneId)) return;
    await runs.change(input.laneId, signal);
    runId = runs.newest(input.laneId);
  }
  let fromByte = input.runId === null ? 0 : input.fromByte;
  while (!signal.aborted) {
    const read = await worker.output(runId, fromByte, chunkBytesMax);
    if (!read.ok) {
      if (read.error.code === 'worker-unavailable') {
        await runs.change(input.laneId, signal);
        continue;
      }
      throw new GantryError(read.error.code === 'not-found' ? 'not-found' : 'internal', read.error.message);
    }
    const { bytes, ended } = read.value;
    const whole =
      ended && read.value.fromByte + bytes.length >= read.value.endByte ? bytes.length : wholeCharacters(bytes);
    if (whole > 0) {
      const endByte = read.value.fromByte + whole;
      const text = new TextDecoder().decode(bytes.subarray(0, whole));
      yield [{ runId, fromByte: read.value.fromByte, endByte, text }];
      fromByte = endByte;
    } else if (ended) return;
    else await pause(signal);
  }
}

/** How many bytes at the start are whole UTF-8 characters; broken ones count as whole. */
export function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    const isContinuation = (byte & 0xc0) === 0x80;
    if (isContinuation) continue;
    const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return wanted > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, pollMs);
    signal.addEventListener('abort', done);
  });
}
