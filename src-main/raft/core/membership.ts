/** Membership changes as the node lives them: taken in by the leader, in force once applied. */
import { assert } from '#shared/base/assert.ts';
import { changedConf } from './conf-change.ts';
import { decodeConfChange, encodeConfChange } from './conf-change-codec.ts';
import { type ConfChange, type ConfState, type Entry, noPeer } from './message.ts';
import type { Raft } from './raft.ts';
import { appendAsLeader, broadcastAppend, maybeCommit, sendAppend } from './replication.ts';

/** How much of the log is looked at at once for changes. */
const scanBytes = 1024 * 1024;

/** Whether a change is committed but not in force here yet. */
export function hasUnappliedConfChange(raft: Raft): boolean {
  const { log } = raft;
  let next = log.unstable.snapshot === null ? log.applied + 1 : log.firstIndex();
  while (next <= log.committed) {
    const entries = log.slice(next, log.committed + 1, scanBytes);
    assert(entries !== null && entries.length > 0, 'what is not applied is not compacted');
    if (entries.some(({ kind }) => kind === 'conf-change')) return true;
    next += entries.length;
  }
  return false;
}

/**
 * Admits the changes among `proposed` that may go in now: one at a time, and only if they
 * make sense. Any other becomes an empty entry, so that its proposer sees it go by.
 * Answers what to append and where the admitted change will be.
 */
export function admitConfChanges(
  raft: Raft,
  proposed: readonly Pick<Entry, 'kind' | 'data'>[],
): { entries: readonly Pick<Entry, 'kind' | 'data'>[]; pendingConfIndex: number } {
  let pendingConfIndex = raft.pendingConfIndex;
  const last = raft.log.lastIndex();
  const entries = proposed.map((entry, at) => {
    if (entry.kind !== 'conf-change') return entry;
    const idle = pendingConfIndex <= raft.log.applied;
    if (!idle || !changedConf(raft.tracker.conf, decodeConfChange(entry.data)).ok) {
      return { kind: 'empty' as const, data: new Uint8Array(0) };
    }
    pendingConfIndex = last + 1 + at;
    return entry;
  });
  return { entries, pendingConfIndex };
}

/** Puts a committed change in force. */
export function applyConfChange(raft: Raft, change: ConfChange): ConfState {
  const next = changedConf(raft.tracker.conf, change);
  assert(next.ok, `a committed configuration change makes no sense: ${next.ok ? '' : next.error}`);
  raft.tracker.install(next.value, Math.max(raft.log.lastIndex(), 1));
  if (raft.role === 'leader') adoptAsLeader(raft);
  return next.value;
}

function adoptAsLeader(raft: Raft): void {
  if (!raft.tracker.isVoter(raft.id) && raft.config.stepDownOnRemoval) {
    // The last word: those who stay learn that the change is committed.
    broadcastAppend(raft);
    raft.becomeFollower(raft.term, noPeer);
    return;
  }
  // A smaller quorum may commit at once; else new peers are probed without waiting for a heartbeat.
  if (maybeCommit(raft)) broadcastAppend(raft);
  else for (const peer of raft.tracker.members) if (peer !== raft.id) sendAppend(raft, peer, false);
  if (raft.transferee !== noPeer && !raft.tracker.isVoter(raft.transferee)) raft.transferee = noPeer;
}

/** The leader leaves an automatic joint configuration once it is in force. */
export function maybeLeaveJoint(raft: Raft): void {
  const { conf } = raft.tracker;
  if (raft.role !== 'leader' || !conf.autoLeave || raft.log.applied < raft.pendingConfIndex) return;
  const leave: ConfChange = { steps: [], transition: 'auto' };
  const dropped = appendAsLeader(raft, [{ kind: 'conf-change', data: encodeConfChange(leave) }]);
  assert(dropped === null, 'an entry without data is never refused');
  raft.pendingConfIndex = raft.log.lastIndex();
  broadcastAppend(raft);
}
