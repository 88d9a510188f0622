/** What a follower does with its leader's appends, heartbeats and snapshots. */
import { assert } from '#shared/base/assert.ts';
import type { MessageOf, PeerId, SnapshotMeta } from './message.ts';
import type { Raft } from './raft.ts';

/** Takes entries in, or says where the logs might meet. */
export function handleAppend(raft: Raft, message: MessageOf<'append'>): void {
  const { log } = raft;
  if (message.prevIndex < log.committed) {
    // Old news. What is committed agrees with every leader, so that much can be said.
    acknowledge(raft, message.from, log.committed);
    return;
  }
  const agreed = log.accept(message.prevIndex, message.prevTerm, message.commit, message.entries);
  if (agreed !== null) {
    acknowledge(raft, message.from, agreed);
    return;
  }
  const guess = log.lastIndexAtOrBelowTerm(Math.min(message.prevIndex, log.lastIndex()), message.prevTerm);
  raft.send(message.from, {
    type: 'append-response',
    index: message.prevIndex,
    reject: true,
    hintIndex: guess.index,
    hintTerm: guess.term ?? 0,
  });
}

/** The leader lives; it never tells of a commit beyond what it knows to be here. */
export function handleHeartbeat(raft: Raft, message: MessageOf<'heartbeat'>): void {
  raft.log.commitTo(message.commit);
  raft.send(message.from, { type: 'heartbeat-response', context: message.context });
}

/** Starts over from a snapshot, or says how far this log is already. */
export function handleSnapshot(raft: Raft, message: MessageOf<'snapshot'>): void {
  restore(raft, message.meta);
  acknowledge(raft, message.from, raft.log.committed);
}

function restore(raft: Raft, meta: SnapshotMeta): void {
  if (meta.index <= raft.log.committed) return;
  assert(raft.role === 'follower', `a ${raft.role} takes no snapshot`);
  // It may be from before this node was a member: the change that made it one follows in the log.
  if (raft.log.matches(meta.index, meta.term)) {
    // The entries are all here: committing them is cheaper, and keeps what follows them.
    raft.log.commitTo(meta.index);
    return;
  }
  // Its configuration comes into force with it, once it is installed: entries that the host
  // is applying at this moment still belong to the old one (etcd#10219).
  raft.log.restore(meta);
}

function acknowledge(raft: Raft, leader: PeerId, index: number): void {
  raft.send(leader, { type: 'append-response', index, reject: false, hintIndex: 0, hintTerm: 0 });
}
