/** The leader's side of the log: appending, sending, committing (paper, §5.3; thesis §10.2). */
import { assert } from '#shared/base/assert.ts';
import { type Entry, entryBytes, type PeerId } from './message.ts';
import type { Raft } from './raft.ts';
import type { ProposalDropped } from './raw-node-api.ts';

/**
 * Appends to the leader's own log, all or nothing. One batch may pass the limit on what is
 * uncommitted, so that a large proposal is only slow, never impossible.
 */
export function appendAsLeader(raft: Raft, proposed: readonly Pick<Entry, 'kind' | 'data'>[]): ProposalDropped | null {
  const sizeBytes = proposed.reduce((sum, { data }) => sum + data.length, 0);
  const limit = raft.config.uncommittedBytesMax;
  if (sizeBytes > 0 && raft.uncommittedBytes > 0 && raft.uncommittedBytes + sizeBytes > limit) {
    return 'too-much-uncommitted';
  }
  raft.uncommittedBytes += sizeBytes;
  const last = raft.log.lastIndex();
  raft.log.append(proposed.map(({ kind, data }, at) => ({ term: raft.term, index: last + 1 + at, kind, data })));
  // The leader counts itself like any other: by an acknowledgement that waits for the disk.
  raft.send(raft.id, {
    type: 'append-response',
    index: raft.log.lastIndex(),
    reject: false,
    hintIndex: 0,
    hintTerm: 0,
  });
  return null;
}

/** Sends everyone what they lack, or at least the commit index. */
export function broadcastAppend(raft: Raft): void {
  for (const peer of raft.tracker.members) if (peer !== raft.id) sendAppend(raft, peer, true);
}

/**
 * Sends the next append, or a snapshot when the entries are gone. False when nothing was
 * sent: the peer is blocked, or there is nothing new and `evenEmpty` is false.
 */
export function sendAppend(raft: Raft, peer: PeerId, evenEmpty: boolean): boolean {
  const progress = raft.tracker.progress(peer);
  if (progress === undefined || progress.blocked) return false;
  const { log } = raft;
  const prevIndex = progress.next - 1;
  const prevTerm = log.term(prevIndex);
  if (prevTerm === null) return sendSnapshot(raft, peer);
  const windowFull = progress.state === 'replicate' && progress.inflights.full;
  const entries = windowFull ? [] : log.slice(progress.next, log.lastIndex() + 1, raft.config.appendBytesMax);
  if (entries === null) return sendSnapshot(raft, peer);
  if (entries.length === 0 && !evenEmpty) return false;
  raft.send(peer, { type: 'append', prevIndex, prevTerm, commit: log.committed, entries });
  const sizeBytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  progress.sent(entries.length, sizeBytes, log.committed);
  return true;
}

function sendSnapshot(raft: Raft, peer: PeerId): boolean {
  const progress = raft.tracker.progress(peer);
  if (progress === undefined || !progress.recentlyActive) return false;
  const meta = raft.log.snapshotMeta();
  if (meta === null) return false;
  assert(meta.index > 0, 'entries are only compacted away behind a snapshot');
  raft.send(peer, { type: 'snapshot', meta });
  progress.becomeSnapshot(meta.index);
  return true;
}

/** Heartbeats to all, carrying the newest read that waits for confirmation. */
export function broadcastHeartbeat(raft: Raft): void {
  const context = raft.reads.heartbeatContext();
  for (const peer of raft.tracker.members) {
    const progress = raft.tracker.progress(peer);
    if (peer === raft.id || progress === undefined) continue;
    // Beyond its match the peer's log may differ from ours: it must not commit that.
    const commit = Math.min(progress.match, raft.log.committed);
    raft.send(peer, { type: 'heartbeat', commit, context });
  }
}

/**
 * Commits what a quorum holds, but by counting only entries of the current term: an older
 * one can be on a quorum and still be replaced (paper, figure 8). True when it advanced.
 */
export function maybeCommit(raft: Raft): boolean {
  const index = raft.tracker.committedIndex();
  if (index <= raft.log.committed || raft.log.term(index) !== raft.term) return false;
  raft.log.commitTo(index);
  return true;
}

/** Whether the leader knows for sure how far the log was committed before its term. */
export function committedInTerm(raft: Raft): boolean {
  return raft.log.term(raft.log.committed) === raft.term;
}
