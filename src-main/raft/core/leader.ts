/** A leader: takes proposals, feeds its followers, confirms reads, hands leadership over. */
import { admitConfChanges } from './membership.ts';
import { type Message, type MessageOf, noPeer, type PeerId } from './message.ts';
import type { Progress } from './progress.ts';
import type { Raft } from './raft.ts';
import type { ProposalDropped } from './raw-node-api.ts';
import {
  appendAsLeader,
  broadcastAppend,
  broadcastHeartbeat,
  committedInTerm,
  maybeCommit,
  sendAppend,
} from './replication.ts';

/** Reads that wait for the first commit of the term at most; one more is dropped. */
const earlyReadsMax = 16_384;

/** Heartbeats, CheckQuorum, and an end to transfers that lead nowhere. */
export function tickLeader(raft: Raft): void {
  raft.heartbeatElapsed += 1;
  raft.electionElapsed += 1;
  if (raft.electionElapsed >= raft.config.electionTicks) {
    raft.electionElapsed = 0;
    if (!raft.tracker.quorumActive(raft.id)) {
      // Cut off from the quorum: others may have elected a leader already (thesis §6.2).
      raft.becomeFollower(raft.term, noPeer);
      return;
    }
    raft.tracker.forgetActivity();
    raft.transferee = noPeer;
  }
  if (raft.heartbeatElapsed >= raft.config.heartbeatTicks) {
    raft.heartbeatElapsed = 0;
    broadcastHeartbeat(raft);
  }
}

/** See the file's comment. */
export function stepLeader(raft: Raft, message: Message): ProposalDropped | null {
  switch (message.type) {
    case 'propose':
      return propose(raft, message);
    case 'read-index':
      takeRead(raft, message);
      return null;
    case 'transfer-leader':
      startTransfer(raft, message.transferee);
      return null;
    default: {
      const progress = raft.tracker.progress(message.from);
      if (progress !== undefined) stepPeer(raft, progress, message);
      return null;
    }
  }
}

function propose(raft: Raft, message: MessageOf<'propose'>): ProposalDropped | null {
  if (raft.tracker.progress(raft.id) === undefined) return 'removed';
  if (raft.transferee !== noPeer) return 'transferring';
  const { entries, pendingConfIndex } = admitConfChanges(raft, message.entries);
  const dropped = appendAsLeader(raft, entries);
  if (dropped !== null) return dropped;
  raft.pendingConfIndex = pendingConfIndex;
  broadcastAppend(raft);
  return null;
}

function stepPeer(raft: Raft, progress: Progress, message: Message): void {
  switch (message.type) {
    case 'append-response':
      progress.recentlyActive = true;
      if (message.reject) findMeetingPlace(raft, progress, message);
      else acknowledged(raft, progress, message);
      return;
    case 'heartbeat-response':
      progress.recentlyActive = true;
      progress.paused = false;
      if (progress.match < raft.log.lastIndex() || progress.state === 'probe') sendAppend(raft, message.from, true);
      if (message.context !== '') {
        raft.reads.acknowledge(message.from, message.context);
        answerConfirmedReads(raft);
      }
      return;
    case 'snapshot-status':
      if (progress.state !== 'snapshot') return;
      if (message.reject) progress.pendingSnapshot = 0;
      progress.becomeProbe();
      // Delivered: wait for the peer to say that it is installed. Failed: leave it a heartbeat's time.
      progress.paused = true;
      return;
    case 'unreachable':
      // What is in flight is likely lost: find out by probing rather than filling the window in vain.
      if (progress.state === 'replicate') progress.becomeProbe();
      return;
    default:
      return;
  }
}

/** The guess bounds where to look next. It says nothing about what the follower holds. */
function findMeetingPlace(raft: Raft, progress: Progress, message: MessageOf<'append-response'>): void {
  const guess =
    message.hintTerm > 0
      ? raft.log.lastIndexAtOrBelowTerm(message.hintIndex, message.hintTerm).index
      : message.hintIndex;
  if (!progress.reject(message.index, guess)) return;
  if (progress.state === 'replicate') progress.becomeProbe();
  sendAppend(raft, message.from, true);
}

function acknowledged(raft: Raft, progress: Progress, message: MessageOf<'append-response'>): void {
  const peer = message.from;
  const advanced = progress.acknowledge(message.index);
  if (!advanced && !(progress.match === message.index && progress.state === 'probe')) return;
  if (progress.state === 'probe') {
    progress.becomeReplicate();
  } else if (progress.state === 'replicate') {
    progress.inflights.freeUpTo(message.index);
  } else if (progress.match + 1 >= raft.log.firstIndex()) {
    // It came so far by itself, or by the snapshot: either way the log serves it again.
    progress.becomeReplicate();
  }
  if (maybeCommit(raft)) {
    releaseEarlyReads(raft);
    broadcastAppend(raft);
  } else if (peer !== raft.id && progress.canLearnCommit(raft.log.committed)) {
    sendAppend(raft, peer, true);
  }
  if (peer === raft.id) return;
  let more = true;
  while (more) more = sendAppend(raft, peer, false);
  if (peer === raft.transferee) maybeHandOver(raft, peer);
}

// ── Linearizable reads ─────────────────────────────────────────────────────────────────

function takeRead(raft: Raft, message: MessageOf<'read-index'>): void {
  if (committedInTerm(raft)) {
    startRead(raft, message.from, message.context);
    return;
  }
  // Until then the commit index may be behind what the last leader acknowledged (etcd#7331).
  if (raft.readsBeforeFirstCommit.length >= earlyReadsMax) return;
  raft.readsBeforeFirstCommit.push({ requester: message.from, context: message.context });
}

function releaseEarlyReads(raft: Raft): void {
  if (raft.readsBeforeFirstCommit.length === 0 || !committedInTerm(raft)) return;
  const early = raft.readsBeforeFirstCommit;
  raft.readsBeforeFirstCommit = [];
  for (const { requester, context } of early) startRead(raft, requester, context);
}

function startRead(raft: Raft, requester: PeerId, context: string): void {
  if (!raft.reads.add({ requester, context, index: raft.log.committed })) return;
  raft.reads.acknowledge(raft.id, raft.reads.heartbeatContext());
  broadcastHeartbeat(raft);
  answerConfirmedReads(raft);
}

function answerConfirmedReads(raft: Raft): void {
  for (const { requester, context, index } of raft.reads.takeConfirmed(raft.tracker.conf)) {
    if (requester === raft.id) raft.readStates.push({ context, index });
    else raft.send(requester, { type: 'read-index-response', context, index });
  }
}

// ── Handing leadership over (thesis §3.10) ─────────────────────────────────────────────

function startTransfer(raft: Raft, transferee: PeerId): void {
  const progress = raft.tracker.progress(transferee);
  if (progress === undefined || !raft.tracker.isVoter(transferee) || raft.transferee === transferee) return;
  raft.transferee = noPeer;
  if (transferee === raft.id) return;
  // From now on one election timeout is left, and proposals wait: the target can catch up.
  raft.electionElapsed = 0;
  raft.transferee = transferee;
  if (progress.match === raft.log.lastIndex()) maybeHandOver(raft, transferee);
  else sendAppend(raft, transferee, true);
}

function maybeHandOver(raft: Raft, transferee: PeerId): void {
  if (raft.tracker.progress(transferee)?.match !== raft.log.lastIndex()) return;
  raft.send(transferee, { type: 'timeout-now' });
}
