/** From where each log stream goes on after a reconnect, given the last item that arrived. */
import type { InputOf, ItemOf, LogStreamName } from './contract.ts';

type ResumeRules = {
  readonly [Name in LogStreamName]: (last: ItemOf<Name>, input: InputOf<Name>) => InputOf<Name>;
};

/** One rule per log stream: what it answers must name exactly what follows `last`. */
export const resumeRules: ResumeRules = {
  'lane.events': (last, input) => ({ ...input, runId: last.runId, afterSeq: last.entry.seq }),
  'lane.log': (last, input) => ({ ...input, runId: last.runId, fromByte: last.endByte }),
  'service.logs': (last, input) => ({ ...input, after: last.timestamp }),
  // A command ends with its reader: asked for again, it answers `not-found`.
  'exec.output': (_last, input) => input,
};
