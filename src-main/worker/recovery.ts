/**
 * What a worker does before it serves: runs that a dead worker left are ended. Their processes
 * are found by the mark in their environment (a pid in a file may be somebody else's by now),
 * their journals closed, and they are reported as lost, for the app to start again.
 */
import { readFileSync } from 'node:fs';
import type { RunOutcome } from '#shared/model/agent-event.ts';
import type { RunId } from '#shared/model/ids.ts';
import { failed } from '../agents/outcome.ts';
import { ProcessTree, promptEnding } from '../platform/process-tree.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { DiskFullError } from './disk-write.ts';
import { EndedRun } from './ended-run.ts';
import { Journal, parseEntry } from './journal.ts';
import type { OutputLimits } from './output-log.ts';
import { runIdVariable } from './run.ts';
import { listRunFolders, RunFolder, type RunState } from './run-folder.ts';

export interface RecoveryOptions {
  readonly runsFolder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly outputLimits: OutputLimits;
}

/** Ends what is left of earlier runs; answers all runs that are known, oldest first. */
export async function recoverRuns(options: RecoveryOptions): Promise<EndedRun[]> {
  const found = await Promise.all(listRunFolders(options.runsFolder).map((runId) => recoverRun(runId, options)));
  return found
    .filter((run) => run !== null)
    .sort((left, right) => left.report().startedAtMs - right.report().startedAtMs);
}

/** Null for a run that was never started. */
async function recoverRun(runId: RunId, options: RecoveryOptions): Promise<EndedRun | null> {
  const { clock, log, outputLimits, runsFolder } = options;
  const folder = new RunFolder(runsFolder, runId);
  const spec = folder.readSpec();
  const state = folder.readState();
  if (state?.state === 'ended' && spec !== null) return new EndedRun(folder, outputLimits, spec, state);
  const left = await new ProcessTree(runIdVariable, runId).end(promptEnding, clock);
  if (left > 0) log.error('processes of a lost run cannot be ended', { runId, left });
  if (spec === null || state === null) {
    log.warn('removing a run whose folder was never finished', { runId });
    folder.remove();
    return null;
  }
  log.warn('a run was lost with its worker', { runId, laneId: spec.laneId });
  return new EndedRun(folder, outputLimits, spec, closeLostRun(folder, state, options));
}

/** Gives the journal the end that the dead worker could not write, if it lacks one. */
function closeLostRun(folder: RunFolder, state: RunState, options: RecoveryOptions): RunState {
  folder.releaseReserve();
  const journal = new Journal(folder.journal);
  const already = journal.lastSeq === 0 ? null : endOf(folder.journal);
  const outcome = already ?? failed('lost', 'The worker that ran it ended unexpectedly; its processes were ended.');
  const atMs = options.clock.nowMs();
  const closed = (): RunState => ({
    state: 'ended',
    pid: state.pid,
    startedAtMs: state.startedAtMs,
    lastEventAtMs: journal.lastAtMs || state.startedAtMs,
    lastSeq: journal.lastSeq,
    journalBytes: journal.bytes,
    outcome,
  });
  try {
    if (already === null) {
      for (const requestId of openPermissions(folder.journal)) {
        journal.append({ type: 'permission-resolved', requestId, optionId: null, allowed: false }, atMs);
      }
      journal.append({ type: 'end', outcome }, atMs);
    }
    journal.sync();
    folder.writeState(closed());
  } catch (error) {
    if (!(error instanceof DiskFullError)) throw error;
    options.log.error('the end of a lost run cannot be written', { error: error.message });
  } finally {
    journal.close();
  }
  return closed();
}

function endOf(journalPath: string): RunOutcome | null {
  const last = readFileSync(journalPath, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  const event = parseEntry(last)?.event;
  return event?.type === 'end' ? event.outcome : null;
}

function openPermissions(journalPath: string): string[] {
  const open = new Set<string>();
  for (const line of readFileSync(journalPath, 'utf8').split('\n')) {
    if (!line.includes('"type":"permission')) continue;
    const event = parseEntry(line)?.event;
    if (event?.type === 'permission') open.add(event.requestId);
    if (event?.type === 'permission-resolved') open.delete(event.requestId);
  }
  return [...open];
}
