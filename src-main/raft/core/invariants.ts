/** What holds for one node between any two calls. Broken, it is our mistake, and the node has to stop. */
import { assert } from '#shared/base/assert.ts';
import { assertConfState } from './conf-change.ts';
import { noPeer } from './message.ts';
import type { Raft } from './raft.ts';

/** Throws `AssertionError` unless all of it holds. */
export function assertRaftInvariants(raft: Raft): void {
  assertLog(raft);
  assertRole(raft);
  assertConfState(raft.tracker.conf);
  if (raft.role === 'leader') assertProgress(raft);
}

function assertLog({ log }: Raft): void {
  const { unstable } = log;
  assert(log.applied <= log.committed, 'applied ≤ committed');
  assert(log.committed <= log.lastIndex(), 'committed ≤ last');
  assert(unstable.snapshot !== null || log.firstIndex() - 1 <= log.applied, 'purged ≤ applied');
  assert(unstable.offset > log.firstIndex() - 1, 'unstable entries follow what is compacted');
  for (const [at, entry] of unstable.entries.entries()) {
    assert(entry.index === unstable.offset + at, 'entries are in a row');
    const before = unstable.entries[at - 1];
    assert(before === undefined || before.term <= entry.term, 'terms never go back along the log');
  }
}

function assertRole(raft: Raft): void {
  assert(raft.term >= raft.log.lastTerm(), 'no entry is from a term to come');
  switch (raft.role) {
    case 'leader':
      assert(raft.leader === raft.id && raft.vote === raft.id, 'a leader voted for itself');
      assert(raft.log.lastTerm() === raft.term, 'a leader has an entry of its term');
      break;
    case 'candidate':
      assert(raft.leader === noPeer && raft.vote === raft.id, 'a candidate voted for itself');
      break;
    case 'pre-candidate':
      assert(raft.leader === noPeer, 'a pre-candidate knows of no leader');
      break;
    case 'follower':
      assert(raft.leader !== raft.id, 'a follower does not lead');
      assert(raft.transferee === noPeer && raft.uncommittedBytes === 0, 'only a leader has proposals');
      break;
  }
}

function assertProgress(raft: Raft): void {
  assert(raft.uncommittedBytes >= 0, 'uncommitted ≥ 0');
  for (const peer of raft.tracker.members) {
    const progress = raft.tracker.progress(peer);
    assert(progress !== undefined, `member ${peer} has a progress`);
    assert(progress.match < progress.next, 'match < next');
    assert(progress.match <= raft.log.lastIndex(), 'match ≤ last');
    assert(progress.inflights.count <= raft.config.inflightMessagesMax, 'the window holds');
    assert(progress.state === 'replicate' || progress.inflights.count === 0, 'only replication is pipelined');
  }
  const own = raft.tracker.progress(raft.id);
  assert(own === undefined || own.match <= raft.log.stableIndex(), 'a leader acknowledges only what is durable');
}
